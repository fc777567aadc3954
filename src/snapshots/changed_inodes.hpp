#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "snapshots/compare_candidates.hpp"
#include "snapshots/compare_tree_search.hpp"

namespace mox::snapshots {

// Finds the paths of two subvolumes that may differ, from the btrfs trees. Let T be a transaction such that
// the two subvolumes differ only by changes in T or later (compare_candidates.hpp). Then:
//
//   - Every change that creates or modifies an inode (its data, even in place, its xattrs, its names, or the
//     entries of a directory) rewrites its inode item with the number of the running transaction. So an inode
//     number that both sides have, without an item from T or later on either side, is the same inode in the
//     same state, its directory entries included. (A number may be reused, but then it has a new item.)
//   - Let p be any path, and q the longest prefix of it that leads to the same number on both sides (the root
//     always does). If q is p, then p can differ only if that number has such a new item: it is compared
//     alone. If not, the directory q has different entries on the two sides, so it has a new item, and
//     comparing both listings of q finds that entry: it is compared as a whole, with p below it.
//
// So it is enough to compare the numbers with new items on either side, by their paths on the left side, and,
// for directories, the entries that do not lead to the same number on both sides. A balance rewrites blocks,
// but no inode items: it costs time, but is not a change.

/// Paths that may differ between two subvolumes (their open root directories) that have everything older than
/// transaction `common` in common. Precondition: no unwritten data (sync first if one of them is writable).
/// Errors: errno values.
[[nodiscard]] std::expected<Candidates, int> changed_since(std::uint64_t common, int left_root,
                                                           int right_root);

/// `length` bytes of an item from `start` on, or fewer if the item is shorter.
[[nodiscard]] std::string text_of(std::span<const std::byte> item, std::size_t start, std::size_t length);

/// Finds the names of inodes in one subvolume, by the references from each inode to its directories.
class InodePaths {
public:
    /// `subvolume` outlives this.
    explicit InodePaths(TreeSearch& subvolume) : subvolume_(subvolume) {}

    /// All paths of an inode, relative to the subvolume's root (which is ""): several if it has hard links;
    /// empty if the inode does not exist, or is deleted but still open. Errors: errno values.
    [[nodiscard]] std::expected<std::vector<std::string>, int> of(std::uint64_t inode);

private:
    struct Reference {
        std::uint64_t directory = 0;
        std::string name;
    };

    [[nodiscard]] std::expected<std::vector<Reference>, int> references_of(std::uint64_t inode);
    [[nodiscard]] std::expected<std::string, int> path_of_directory(std::uint64_t directory);

    TreeSearch& subvolume_;
    std::unordered_map<std::uint64_t, std::string> directories_;  ///< cache of paths
};

}  // namespace mox::snapshots
