#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// A mounted file system, unmounted and its mount point removed at the end of the scope.
class Mount {
public:
    Mount(Mount&&) noexcept;
    Mount& operator=(Mount&&) noexcept;
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;
    ~Mount();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// The root directory, open (O_DIRECTORY). Valid as long as the mount.
    [[nodiscard]] int root() const { return root_.get(); }

    /// Unmounts now and says whether it worked (what is not yet on the disk may fail here).
    [[nodiscard]] Expected<void> unmount();

private:
    friend Expected<Mount> mount_source(const Volume& volume);
    friend Expected<Mount> mount_card(const std::filesystem::path& node);
    Mount(std::filesystem::path path, UniqueFd root);

    std::filesystem::path path_;
    UniqueFd root_;
};

/// Gives this process a mount namespace of its own (private propagation): what it mounts is seen by nobody
/// else, and goes when it dies. Call once, before the first mount and before any thread is started.
[[nodiscard]] Expected<void> enter_private_mount_namespace();

/// Mounts a volume that may hold medkits, without ever writing to it: read-only block device (BLKROSET,
/// set back afterwards), `ro,nosuid,nodev,noexec`, no journal replay. Tries what libblkid found.
/// Errors (`medkit`): no file system, one that this kernel has not got, a damaged one; says which.
[[nodiscard]] Expected<Mount> mount_source(const Volume& volume);

/// Mounts the top level (subvolid=5) of a btrfs read-write, `noatime`. Errors: `card`.
[[nodiscard]] Expected<Mount> mount_card(const std::filesystem::path& node);

}  // namespace mox::storage
