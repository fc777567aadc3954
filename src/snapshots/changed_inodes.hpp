#pragma once

#include <cstdint>
#include <expected>

#include "snapshots/compare_candidates.hpp"

namespace mox::snapshots {

// Which paths of two subvolumes may differ, asked of btrfs. Let T be a transaction such that both subvolumes
// have all in common but what was changed in T or later (compare_lineage.hpp). Then:
//
//   - Whatever changes an inode (its data, even in place, its xattrs, names, or, of a directory, its entries)
//     writes its inode item anew, with the number of the running transaction. An inode that is in both since
//     T and has no younger item on either side is the same on both sides, its directory entries included.
//   - Let p be any path, and q the longest beginning of it that names the same old inode on both sides (the
//     root always is). If q is p, then p can differ only if that inode was changed: it is compared alone. If
//     not, then the directory q has another entry on one side than on the other, so it was changed, and
//     comparing both listings of q finds that entry: it is compared as a whole, with p below it.
//
// So it is enough to look at old inodes that were changed on either side, at their paths on the left side,
// and, of directories, at the entries that are not the same old inode on both sides. What was written to data
// blocks in place (nodatacow) has changed the inode as well. Balancing writes blocks anew, but no inode: it
// costs time and is no change.

/// Paths that may differ between two subvolumes (their open root directories), where everything older than
/// `common` is common to both. Precondition: nothing is waiting to be written (sync first, if one of them
/// is writable). Errors as `errno` has them.
[[nodiscard]] std::expected<Candidates, int> changed_since(std::uint64_t common, int left_root,
                                                           int right_root);

}  // namespace mox::snapshots
