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

// Which paths of two subvolumes may differ, asked of btrfs. Let T be a transaction such that both subvolumes
// have all in common but what was changed in T or later (compare_candidates.hpp). Then:
//
//   - Whatever makes or changes an inode (its data, even in place, its xattrs, names, or, of a directory, its
//     entries) writes its inode item anew, with the number of the running transaction. So an inode number
//     that both sides have, without an item from T or later on either, is the same inode in the same state,
//     its directory entries included. (Numbers may be used again, but then there is a new item.)
//   - Let p be any path, and q the longest beginning of it that leads to the same number on both sides (the
//     root always does). If q is p, then p can differ only if that number has such a young item: it is
//     compared alone. If not, then the directory q has another entry on one side than on the other, so it
//     has a young item, and comparing both listings of q finds that entry: it is compared as a whole, with p
//     below it.
//
// So it is enough to look at the numbers with young items on either side, at their paths on the left side,
// and, of directories, at the entries that do not lead to the same number on both. Balancing writes blocks
// anew, but no inode items: it costs time and is no change.

/// Paths that may differ between two subvolumes (their open root directories), where everything older than
/// `common` is common to both. Precondition: nothing is waiting to be written (sync first, if one of them
/// is writable). Errors as `errno` has them.
[[nodiscard]] std::expected<Candidates, int> changed_since(std::uint64_t common, int left_root,
                                                           int right_root);

/// `length` bytes of an item from `start` on, or as many as there are.
[[nodiscard]] std::string text_of(std::span<const std::byte> item, std::size_t start, std::size_t length);

/// Finds the names of inodes in one subvolume, through the references that each keeps to its directories.
class InodePaths {
public:
    /// `subvolume` outlives this.
    explicit InodePaths(TreeSearch& subvolume) : subvolume_(subvolume) {}

    /// All paths of an inode, relative to the subvolume's root (which is ""): several when it has hard links,
    /// none when there is no such inode, or it is deleted and only held open. Errors as `errno` has them.
    [[nodiscard]] std::expected<std::vector<std::string>, int> of(std::uint64_t inode);

private:
    struct Reference {
        std::uint64_t directory = 0;
        std::string name;
    };

    [[nodiscard]] std::expected<std::vector<Reference>, int> references_of(std::uint64_t inode);
    [[nodiscard]] std::expected<std::string, int> path_of_directory(std::uint64_t directory);

    TreeSearch& subvolume_;
    std::unordered_map<std::uint64_t, std::string> directories_;  ///< paths that were found before
};

}  // namespace mox::snapshots
