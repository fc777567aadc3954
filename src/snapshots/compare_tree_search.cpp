#include "snapshots/compare_tree_search.hpp"

#include <linux/btrfs.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <optional>

namespace mox::snapshots {

namespace {

/// A node has at most 64 KiB, so no item is larger.
constexpr std::size_t largest_item = sizeof(btrfs_ioctl_search_header) + (64 << 10);
constexpr std::size_t item_room = 128 << 10;
constexpr std::size_t argument_size = sizeof(btrfs_ioctl_search_args_v2) + item_room;

constexpr auto highest = std::numeric_limits<std::uint64_t>::max();

btrfs_ioctl_search_key kernel_key(const TreeRange& range, const TreeKey& first) {
    btrfs_ioctl_search_key key{};
    key.tree_id = range.tree;
    key.min_objectid = first.object;
    key.min_type = first.type;
    key.min_offset = first.offset;
    key.max_objectid = range.last.object;
    key.max_type = range.last.type;
    key.max_offset = range.last.offset;
    key.min_transid = range.oldest_transaction;
    key.max_transid = highest;
    key.nr_items = std::numeric_limits<std::uint32_t>::max();
    return key;
}

/// The key right after; none after the very last.
std::optional<TreeKey> next(TreeKey key) {
    if (key.offset < highest) return TreeKey{key.object, key.type, key.offset + 1};
    if (key.type < std::numeric_limits<std::uint8_t>::max())
        return TreeKey{key.object, static_cast<std::uint8_t>(key.type + 1), 0};
    if (key.object < highest) return TreeKey{key.object + 1, 0, 0};
    return std::nullopt;
}

/// What one call has brought.
struct Visited {
    TreeKey last;
    std::size_t bytes = 0;
};

/// Hands on what the kernel has put into the buffer: headers, each followed by its item, unaligned.
Visited visit_items(const std::byte* const buffer, std::uint32_t count, const TreeSearch::Visitor& visit) {
    TreeKey key{};
    const auto* at = buffer;
    for (; count > 0; --count) {
        btrfs_ioctl_search_header header{};
        std::memcpy(&header, at, sizeof header);
        at += sizeof header;
        key = {header.objectid, static_cast<std::uint8_t>(header.type), header.offset};
        visit({key, {at, header.len}});
        at += header.len;
    }
    return {.last = key, .bytes = static_cast<std::size_t>(at - buffer)};
}

}  // namespace

std::expected<void, int> TreeSearch::for_each(const TreeRange& range, const Visitor& visit) {
    if (!buffer_)
        buffer_ = std::make_unique_for_overwrite<std::uint64_t[]>(argument_size / sizeof(std::uint64_t));
    auto* const arguments = reinterpret_cast<btrfs_ioctl_search_args_v2*>(buffer_.get());

    std::optional<TreeKey> from = range.first;
    while (from) {
        arguments->key = kernel_key(range, *from);
        arguments->buf_size = item_room;
        if (::ioctl(fd_, BTRFS_IOC_TREE_SEARCH_V2, arguments) != 0) return std::unexpected(errno);
        if (arguments->key.nr_items == 0) break;
        const auto* const items =
            reinterpret_cast<const std::byte*>(buffer_.get()) + sizeof(btrfs_ioctl_search_args_v2);
        const auto visited = visit_items(items, arguments->key.nr_items, visit);
        // The kernel goes on until the end of the range or of the buffer (linux/btrfs.h, nr_items).
        if (visited.bytes + largest_item <= item_room) break;
        from = next(visited.last);
    }
    return {};
}

}  // namespace mox::snapshots
