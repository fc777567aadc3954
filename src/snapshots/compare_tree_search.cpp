#include "snapshots/compare_tree_search.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/unique_fd.hpp"

namespace mox::snapshots {

namespace {

/// A node has at most 64 KiB, so no item is larger.
constexpr std::size_t largest_item = sizeof(btrfs_ioctl_search_header) + (64 << 10);
constexpr std::size_t buffer_size = 128 << 10;
constexpr std::size_t argument_size = sizeof(btrfs_ioctl_search_args_v2) + buffer_size;

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

/// The next key; nullopt after the last one.
std::optional<TreeKey> next(TreeKey key) {
    if (key.offset < highest) return TreeKey{key.object, key.type, key.offset + 1};
    if (key.type < std::numeric_limits<std::uint8_t>::max())
        return TreeKey{key.object, static_cast<std::uint8_t>(key.type + 1), 0};
    if (key.object < highest) return TreeKey{key.object + 1, 0, 0};
    return std::nullopt;
}

/// The result of one ioctl.
struct Visited {
    TreeKey last;
    std::size_t bytes = 0;
};

/// Calls `visit` for each item in the kernel's buffer: headers, each followed by its item, unaligned.
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
        arguments->buf_size = buffer_size;
        if (::ioctl(fd_, BTRFS_IOC_TREE_SEARCH_V2, arguments) != 0) return std::unexpected(errno);
        if (arguments->key.nr_items == 0) break;
        const auto* const items =
            reinterpret_cast<const std::byte*>(buffer_.get()) + sizeof(btrfs_ioctl_search_args_v2);
        const auto visited = visit_items(items, arguments->key.nr_items, visit);
        // The kernel continues until the end of the range or of the buffer (linux/btrfs.h, nr_items).
        if (visited.bytes + largest_item <= buffer_size) break;
        from = next(visited.last);
    }
    return {};
}

namespace {

constexpr std::size_t block_size = 128 << 10;

/// Opens a regular file for reading. Keeps its access time where that is allowed (O_NOATIME is for owners).
std::expected<UniqueFd, int> open_for_reading(int directory, const std::string& name) {
    // O_NONBLOCK: if the file has become a FIFO meanwhile, the open does not wait for a writer.
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = ::openat(directory, name.c_str(), flags | O_NOATIME);
    if (fd < 0 && errno == EPERM) fd = ::openat(directory, name.c_str(), flags);
    if (fd < 0) return std::unexpected(errno);
    return UniqueFd(fd);
}

/// Reads until the buffer is full or the file ends.
std::expected<std::span<const std::byte>, int> read_block(int fd, std::span<std::byte> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const ssize_t got = ::read(fd, buffer.data() + filled, buffer.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    return buffer.first(filled);
}

std::expected<bool, int> same_bytes(int left, int right) {
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(2 * block_size);
    for (;;) {
        const auto one = TRY(read_block(left, {buffer.get(), block_size}));
        const auto other = TRY(read_block(right, {buffer.get() + block_size, block_size}));
        if (!std::ranges::equal(one, other)) return false;
        if (one.empty()) return true;
    }
}

/// The extents of a file as one sequence of bytes: inline data itself, or the addresses of its blocks.
std::expected<std::vector<std::byte>, int> extents_of(int file, ino_t inode) {
    std::vector<std::byte> extents;
    const auto range = items_of(inode, BTRFS_EXTENT_DATA_KEY, BTRFS_EXTENT_DATA_KEY);
    TRY(TreeSearch(file).for_each(range, [&](const TreeItem& item) {
        const auto offset = std::as_bytes(std::span(&item.key.offset, 1));
        extents.insert(extents.end(), offset.begin(), offset.end());
        extents.insert(extents.end(), item.data.begin(), item.data.end());
    }));
    return extents;
}

/// True when both files use the same blocks. False means unknown: copies use other blocks.
bool have_same_extents(int left, ino_t left_inode, int right, ino_t right_inode) {
    const auto one = extents_of(left, left_inode);
    if (!one) return false;
    const auto other = extents_of(right, right_inode);
    return other && *one == *other;
}

}  // namespace

std::expected<bool, int> same_content(const ComparedTrees& trees, const EntryPair& pair,
                                      const struct stat& left, const struct stat& right) {
    if (left.st_size != right.st_size) return false;
    if (left.st_size == 0) return true;
    const auto one = TRY(open_for_reading(pair.left_directory, pair.name));
    const auto other = TRY(open_for_reading(pair.right_directory, pair.name));
    if (trees.share_extents && have_same_extents(one.get(), left.st_ino, other.get(), right.st_ino))
        return true;
    return same_bytes(one.get(), other.get());
}

}  // namespace mox::snapshots
