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
    dev_t device{};  ///< of all entries of the tree: other devices are nested subvolumes or mounts
    bool btrfs = false;
};

struct ComparedTrees {
    ComparedTree left;
    ComparedTree right;
    /// Both are on the same btrfs, and its trees are readable: two files with the same extents need not be
    /// read.
    bool share_extents = false;
};

/// Opens `path` beneath `root` without following any symlink; the path may be longer than PATH_MAX. An empty
/// path is the root itself. Errors: errno values; ELOOP when the path contains a symlink.
[[nodiscard]] std::expected<UniqueFd, int> open_beneath(int root, std::string_view path, int flags);

/// True when the errno of an open or stat means that there is no such path.
[[nodiscard]] bool means_absent(int error_number);

/// True when the errno means that memory or descriptors are exhausted: the comparison cannot continue.
[[nodiscard]] bool is_out_of_resources(int error_number);

/// The status of one name on one side; nullopt: the name does not exist. Errors: errno values.
[[nodiscard]] std::expected<std::optional<struct stat>, int> stat_entry(int directory,
                                                                        const std::string& name);

/// True for a directory whose content does not belong to the tree: a nested subvolume, the empty directory in
/// its place in a snapshot, or a mount point.
[[nodiscard]] bool is_boundary(const ComparedTree& tree, const struct stat& entry);

/// A name in both trees, with the open directories that hold it (-1: there is no such directory).
struct EntryPair {
    int left_directory = -1;
    int right_directory = -1;
    std::string name;
};

/// The result of comparing one name.
struct EntryComparison {
    std::optional<ChangeKind> change{};  ///< nullopt: equal on both sides, or missing on both
    Differences differences{};
    bool left_has_more = false;  ///< a directory of the left tree that may have entries
    bool right_has_more = false;
};

/// Compares the entries of one name on both sides; of a directory only the directory itself. Errors: errno
/// values, only when memory or descriptors are exhausted; an unreadable entry is a difference.
[[nodiscard]] std::expected<EntryComparison, int> compare_entry(const ComparedTrees& trees,
                                                                const EntryPair& pair);

/// Compares names and values of all extended attributes, ACLs and file capabilities included, for entries of
/// any type. Errors: errno values.
[[nodiscard]] std::expected<bool, int> same_xattrs(const EntryPair& pair);

}  // namespace mox::snapshots
