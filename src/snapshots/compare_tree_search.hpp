#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <span>

#include "snapshots/entry_state.hpp"

namespace mox::snapshots {

/// The key of an item in a btrfs tree. Trees are sorted by the members in this order.
struct TreeKey {
    std::uint64_t object = 0;  ///< usually an inode number
    std::uint8_t type = 0;     ///< BTRFS_*_KEY of linux/btrfs_tree.h
    std::uint64_t offset = 0;  ///< depends on the type
};

struct TreeItem {
    TreeKey key;
    std::span<const std::byte> data;  ///< little-endian structures of linux/btrfs_tree.h
};

/// All items from `first` to `last`, of every type between.
struct TreeRange {
    TreeKey first;
    TreeKey last;
    /// Only items in blocks that were written in this transaction or later. Subtrees without such a block are
    /// not read: the cost depends on the changes only.
    std::uint64_t oldest_transaction = 0;
    std::uint64_t tree = 0;  ///< 0: the subvolume of the open file or directory
};

/// All items of one object that have a type from `first_type` to `last_type`.
[[nodiscard]] constexpr TreeRange items_of(std::uint64_t object, std::uint8_t first_type,
                                           std::uint8_t last_type) {
    return {.first = {object, first_type, 0},
            .last = {object, last_type, std::numeric_limits<std::uint64_t>::max()}};
}

/// Reads items of btrfs trees through BTRFS_IOC_TREE_SEARCH_V2. It returns the content of the trees: new data
/// and times of an open file reach them with the next sync.
class TreeSearch {
public:
    using Visitor = std::function<void(const TreeItem&)>;

    /// `on_btrfs` is an open file or directory of a mounted btrfs, and outlives this.
    explicit TreeSearch(int on_btrfs) : fd_(on_btrfs) {}

    /// Calls `visit` for each item of the range, in order. Errors, errno values: EPERM without CAP_SYS_ADMIN,
    /// ENOTTY on anything but btrfs, EIO.
    [[nodiscard]] std::expected<void, int> for_each(const TreeRange& range, const Visitor& visit);

private:
    int fd_;
    std::unique_ptr<std::uint64_t[]> buffer_;
};

/// The front of an item as one of the kernel's structures. Fields that a short item (an old root item) does
/// not have are zero. Little-endian: convert with le64toh and so on.
template <typename Structure>
[[nodiscard]] Structure front_of(std::span<const std::byte> data) {
    Structure structure{};
    std::memcpy(&structure, data.data(), std::min(sizeof structure, data.size()));
    return structure;
}

/// Compares the content of two regular files: by size, by their extents where both are on the same btrfs
/// (equal extents are the same blocks), and last by reading both. Errors: errno values.
[[nodiscard]] std::expected<bool, int> same_content(const ComparedTrees& trees, const EntryPair& pair,
                                                    const struct stat& left, const struct stat& right);

}  // namespace mox::snapshots
