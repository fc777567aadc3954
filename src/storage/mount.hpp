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

/// A mount option; a flag ("noload") has an empty value.
struct MountOption {
    std::string name;
    std::string value;
};

/// The parameters of a mount.
struct MountRequest {
    std::string type;  ///< the kernel's name of the file system
    std::vector<MountOption> options;
    unsigned attributes = 0;  ///< MOUNT_ATTR_*
};

/// Whether a file system is mounted on the directory itself. A symbolic link is followed. Errors
/// (`internal`): it cannot be looked at.
[[nodiscard]] Expected<bool> is_mount_point(const std::filesystem::path& directory);

/// A refused mount: the error number, and the message of the file system driver, if there is one.
struct MountRefusal {
    int error_number = 0;
    std::string kernel_message;
};

/// Whether the error number of a refused mount is about the file system on the device: its content is wrong,
/// or it cannot be read. Only these errors are a reason to format a card. Every other error number, also one
/// that no driver is known to return, is about the machine: out of memory, no permission, in use, no driver.
[[nodiscard]] bool is_file_system_damage(int error_number);

/// A mount that is attached to no directory. The order of the members matters: the root is closed before the
/// mount.
struct DetachedMount {
    UniqueFd mount;  ///< fsmount's descriptor (O_PATH): unmounted when it is closed
    UniqueFd root;   ///< the root directory, open for reading (ioctl, syncfs, listing)
};

/// Mounts a device without attaching it to a directory. Several requests, best first: the next one is tried
/// when the kernel does not know the file system or an option (ENODEV, EINVAL). Returns the refusal of the
/// first request that the kernel has a driver for. Precondition: at least one request.
[[nodiscard]] std::expected<DetachedMount, MountRefusal> mount_detached(
    const std::filesystem::path& node, std::span<const MountRequest> requests);

class Mount;
class WriteProtection;

/// The error of a volume that cannot be mounted for reading.
struct SourceError {
    Error error;           ///< of kind `medkit`
    bool damaged = false;  ///< the file system is damaged; else it is in use, unknown, missing, ...
};

enum class AfterUnmount {
    free,    ///< the device is no longer in use
    in_use,  ///< another program (a desktop) has mounted it too, or this process has another mount of it
};

/// A mounted file system that is attached to no directory tree (fsopen, fsmount): it is reachable only
/// through its open root. No other process sees it, and it needs no mount point and no namespace. It is
/// unmounted with this object, also when the process is killed.
class Mount {
public:
    Mount(Mount&&) noexcept;
    Mount& operator=(Mount&&) noexcept;
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;
    ~Mount();

    /// The root directory as a path ("/proc/PID/fd/N/"), for child processes too. Valid as long as the mount
    /// exists.
    [[nodiscard]] std::filesystem::path path() const;

    /// The root directory, open (O_DIRECTORY). Valid as long as the mount exists.
    [[nodiscard]] int root() const { return mounted_.root.get(); }

    /// Writes everything, unmounts, and returns whether the device is free now. Errors (`card`): writing
    /// failed.
    [[nodiscard]] Expected<AfterUnmount> unmount();

private:
    friend std::expected<Mount, SourceError> mount_read_only(const Volume& volume);
    friend Expected<Mount> mount_card(const std::filesystem::path& node);
    friend Expected<Mount> mount_stick(const Volume& volume);
    using Protections = std::vector<std::shared_ptr<WriteProtection>>;
    Mount(std::filesystem::path node, DetachedMount mounted, Protections protections);

    std::filesystem::path node_;
    Protections protections_;  // before mounted_: removed after the unmount
    DetachedMount mounted_;
};

/// Mounts a volume that may hold medkits, and never writes to it: read-only block device (BLKROSET on the
/// partition and its disk, reset afterwards), `ro,nosuid,nodev,noexec`, no journal replay. Of a btrfs the top
/// level is mounted. May be mounted more than once at a time. If the file system itself refuses, the mount is
/// tried once more. Errors (`medkit`): no file system, one without a driver in this kernel, a damaged one, or
/// one that another program has mounted; the message names it.
[[nodiscard]] Expected<Mount> mount_source(const Volume& volume);

/// As mount_source; the error tells whether the file system is damaged.
[[nodiscard]] std::expected<Mount, SourceError> mount_read_only(const Volume& volume);

/// Mounts a volume to put files onto it, `nosuid,nodev,noexec`. Of a btrfs the top level is mounted, where
/// mount_source finds the files. Errors (`medkit`): as mount_source.
[[nodiscard]] Expected<Mount> mount_stick(const Volume& volume);

/// Mounts the btrfs of a system and replays its log. If the file system itself refuses, the mount is tried
/// once more; after a second refusal the error number is EUCLEAN: it is damaged (`kernel_message` holds the
/// reason).
[[nodiscard]] std::expected<DetachedMount, MountRefusal> mount_btrfs(const std::filesystem::path& node,
                                                                     const MountRequest& request);

/// Mounts the top level (subvolid=5) of a btrfs read-write, `noatime`. Errors: `card`; Error::reason() is
/// EUCLEAN when it is damaged; formatting repairs that.
[[nodiscard]] Expected<Mount> mount_card(const std::filesystem::path& node);

}  // namespace mox::storage
