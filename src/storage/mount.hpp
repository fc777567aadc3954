#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "storage/drive.hpp"
#include "storage/kernel_mount.hpp"

namespace mox::storage {

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
