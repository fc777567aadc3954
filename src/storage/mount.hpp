#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// A mount option: with an empty value a flag ("noload").
struct MountOption {
    std::string name;
    std::string value;
};

/// What to ask the kernel for.
struct MountRequest {
    std::string type;  ///< the kernel's name of the file system
    std::vector<MountOption> options;
    unsigned attributes = 0;  ///< MOUNT_ATTR_*
};

/// A mount that was refused: the error number, and what the file system's driver said about it, if anything.
struct MountRefusal {
    int error_number = 0;
    std::string kernel_said;
};

/// Whether a refused mount speaks of the file system on the device: what is on it, or that it cannot be read.
/// Only these are a reason to format a card. Every other error number, also one that no driver is known to
/// give, is about the machine that tried: out of memory, no permission, in use, no driver.
[[nodiscard]] bool is_file_system_damage(int error_number);

/// A mount that is attached to no directory. The order matters: the root is closed before the mount.
struct DetachedMount {
    UniqueFd mount;  ///< fsmount's descriptor (O_PATH): unmounted when it is closed
    UniqueFd root;   ///< the root directory, open for reading (ioctl, syncfs, listing)
};

/// Mounts a device without attaching it to a directory. Several requests, best first: the next one is tried
/// when the kernel does not know the file system or an option (ENODEV, EINVAL). Answers the refusal of the
/// first one that the kernel has a driver for. Precondition: at least one request.
[[nodiscard]] std::expected<DetachedMount, MountRefusal> mount_detached(
    const std::filesystem::path& node, std::span<const MountRequest> requests);

class Mount;
class WriteProtection;

/// Why a volume could not be mounted for reading.
struct SourceTrouble {
    Error error;           ///< of kind `medkit`
    bool damaged = false;  ///< the file system itself is wrong; else it is in use, unknown, not there, ...
};

enum class AfterUnmount {
    free,    ///< nothing uses the device any more
    in_use,  ///< another program (a desktop) has mounted it too, or this one has another mount of it
};

/// A mounted file system that has no place in any directory tree (fsopen, fsmount): only its open root leads
/// to it. Nobody else sees it, it needs no mount point and no namespace of its own, and it is gone when this
/// goes, also when the process is killed.
class Mount {
public:
    Mount(Mount&&) noexcept;
    Mount& operator=(Mount&&) noexcept;
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;
    ~Mount();

    /// The root directory as a path ("/proc/PID/fd/N/"), for child processes too. Valid as long as the mount.
    [[nodiscard]] std::filesystem::path path() const;

    /// The root directory, open (O_DIRECTORY). Valid as long as the mount.
    [[nodiscard]] int root() const { return mounted_.root.get(); }

    /// Writes everything, unmounts, and tells whether the device is free now.
    /// Errors (`card`): writing failed.
    [[nodiscard]] Expected<AfterUnmount> unmount();

private:
    friend std::expected<Mount, SourceTrouble> mount_read_only(const Volume& volume);
    friend Expected<Mount> mount_card(const std::filesystem::path& node);
    using Protections = std::vector<std::shared_ptr<WriteProtection>>;
    Mount(std::filesystem::path node, DetachedMount mounted, Protections protections);

    std::filesystem::path node_;
    Protections protections_;  // before mounted_: taken away after the file system is gone
    DetachedMount mounted_;
};

/// Mounts a volume that may hold medkits, without ever writing to it: read-only block device (BLKROSET on
/// the partition and its disk, set back afterwards), `ro,nosuid,nodev,noexec`, no journal replay. A btrfs
/// shows its top level. May be mounted more than once at a time.
/// What the file system itself refuses is tried once more.
/// Errors (`medkit`): no file system, one that this kernel has not got, a damaged one, one that somebody else
/// has mounted; says which.
[[nodiscard]] Expected<Mount> mount_source(const Volume& volume);

/// The same, for those who have to know what kind of trouble it is.
[[nodiscard]] std::expected<Mount, SourceTrouble> mount_read_only(const Volume& volume);

/// Mounts the btrfs of a system with its log replayed. What the file system itself refuses is tried once
/// more; if it refuses again, the refusal's number is EUCLEAN: it is damaged (`kernel_said` has the reason).
[[nodiscard]] std::expected<DetachedMount, MountRefusal> mount_btrfs(const std::filesystem::path& node,
                                                                     const MountRequest& request);

/// Mounts the top level (subvolid=5) of a btrfs read-write, `noatime`. Errors: `card`; Error::reason() is
/// EUCLEAN when it is damaged, which formatting cures.
[[nodiscard]] Expected<Mount> mount_card(const std::filesystem::path& node);

}  // namespace mox::storage
