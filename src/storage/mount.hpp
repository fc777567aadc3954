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

    /// Writes everything, unmounts, and says whether both worked.
    /// Errors (`card`): writing failed; a file of it is still open somewhere.
    [[nodiscard]] Expected<void> unmount();

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
/// Errors (`medkit`): no file system, one that this kernel has not got, a damaged one, one that somebody else
/// has mounted; says which.
[[nodiscard]] Expected<Mount> mount_source(const Volume& volume);

/// The same, for those who have to know what kind of trouble it is.
[[nodiscard]] std::expected<Mount, SourceTrouble> mount_read_only(const Volume& volume);

/// Mounts the top level (subvolid=5) of a btrfs read-write, `noatime`. Errors: `card`.
[[nodiscard]] Expected<Mount> mount_card(const std::filesystem::path& node);

}  // namespace mox::storage
