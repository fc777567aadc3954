#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "snapshots/compare.hpp"

namespace mox::snapshots {

/// One of the two trees that are compared.
struct ComparedTree {
    int root = -1;   ///< open directory
    dev_t device{};  ///< of everything that belongs to the tree: others are nested subvolumes or mounts
    bool btrfs = false;
};

struct ComparedTrees {
    ComparedTree left;
    ComparedTree right;
    /// On the same btrfs, and its trees can be read: two files with the same extents need not be read.
    bool share_extents = false;
};

/// Opens `path` beneath `root` without following any symlink, however long the path is. An empty path is the
/// root itself. Errors as `errno` has them: ELOOP when a symlink is in the way.
[[nodiscard]] std::expected<UniqueFd, int> open_beneath(int root, std::string_view path, int flags);

/// True when the errno of an open or stat means that there is no such path.
[[nodiscard]] bool means_absent(int error_number);

/// True when the errno means that we have run out of something: no comparison can go on then.
[[nodiscard]] bool is_shortage(int error_number);

/// What stands at one name on one side. Nothing: no such name. Errors as `errno` has them.
[[nodiscard]] std::expected<std::optional<struct stat>, int> look_at(int directory, const std::string& name);

/// True for a directory whose content is not the tree's: a nested subvolume, the empty directory that a
/// snapshot has in its place, or a mount point.
[[nodiscard]] bool is_boundary(const ComparedTree& tree, const struct stat& entry);

/// A name in both trees: the open directories that hold it (-1 where there is no such directory).
struct EntryPair {
    int left_directory = -1;
    int right_directory = -1;
    std::string name;
};

/// What the comparison of one name says.
struct EntryVerdict {
    std::optional<ChangeKind> change{};  ///< none: the same on both sides, or on neither
    Differences differences{};
    bool left_has_more = false;  ///< a directory of the left tree, which may hold something
    bool right_has_more = false;
};

/// Compares what stands at one name on both sides; of directories the directory itself.
/// Errors as `errno` has them, only for want of memory or descriptors; what cannot be read is a difference.
[[nodiscard]] std::expected<EntryVerdict, int> compare_entry(const ComparedTrees& trees,
                                                             const EntryPair& pair);

/// Compares names and values of all extended attributes, ACLs and file capabilities among them. For entries
/// of any type. Errors as `errno` has them.
[[nodiscard]] std::expected<bool, int> same_xattrs(const EntryPair& pair);

}  // namespace mox::snapshots
