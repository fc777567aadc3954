#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::storage {

// All functions take an open directory of a mounted btrfs and a plain name in it; none follows a symlink.
// Errors: always `card`; the caller changes the kind with Error::as.

using Uuid = std::array<std::uint8_t, 16>;

struct SubvolumeInfo {
    std::uint64_t id = 0;
    Uuid uuid{};
    Uuid parent_uuid{};  ///< uuid of the subvolume that this one is a snapshot of; all zero: not a snapshot
    std::uint64_t generation = 0;
    bool read_only = false;
};

enum class Access { read_only, writable };

[[nodiscard]] Expected<void> create_subvolume(int directory, std::string_view name);

/// Makes a snapshot of the subvolume `source` (in the same directory) under a new name.
[[nodiscard]] Expected<void> snapshot_subvolume(int directory, std::string_view source, std::string_view name,
                                                Access access);

/// The rule of all deletions: fails if the subvolume, or one inside it, is mounted on a directory of this
/// mount namespace (subvolume_mounts.hpp); then Error::reason() is EBUSY. The kernel would delete it all the
/// same, and the files would be gone from below the mount point. `what` is its name in the message: "snapshot
/// 3".
[[nodiscard]] Expected<void> require_not_mounted(int directory, std::string_view name, std::string_view what);

/// Deletes a subvolume, also a read-only one, with all subvolumes inside it. The kernel frees the space
/// later. Errors: also when it is mounted (require_not_mounted).
[[nodiscard]] Expected<void> delete_subvolume(int directory, std::string_view name);

/// Paths of all subvolumes inside a subvolume, relative to it, outer ones first.
[[nodiscard]] Expected<std::vector<std::string>> nested_subvolumes(int directory, std::string_view name);

/// Exchanges two names in one atomic step (renameat2, RENAME_EXCHANGE).
[[nodiscard]] Expected<void> exchange(int directory, std::string_view left, std::string_view right);

/// False also on errors; where the result decides about a deletion, use subvolume_exists.
[[nodiscard]] bool is_subvolume(int directory, std::string_view name);

/// Whether a subvolume of that name exists. Errors: it cannot be read (too many open files, a read error).
[[nodiscard]] Expected<bool> subvolume_exists(int directory, std::string_view name);
[[nodiscard]] Expected<SubvolumeInfo> subvolume_info(int directory, std::string_view name);

/// The path, from the top level on, of the subvolume that the open `directory` belongs to; empty: the top
/// level itself. `top` is an open directory of the same file system.
[[nodiscard]] Expected<std::string> subvolume_path(int top, int directory);

/// Names in `directory` that are subvolumes, sorted.
[[nodiscard]] Expected<std::vector<std::string>> subvolumes_in(int directory);

/// The UUID of the file system.
[[nodiscard]] Expected<Uuid> file_system_uuid(int directory);

/// All data written so far is on the disk when this returns (syncfs).
[[nodiscard]] Expected<void> sync_filesystem(int directory);

}  // namespace mox::storage
