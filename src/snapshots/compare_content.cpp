#include "snapshots/compare_content.hpp"

#include <fcntl.h>
#include <linux/btrfs_tree.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/unique_fd.hpp"
#include "snapshots/compare_tree_search.hpp"

namespace mox::snapshots {

namespace {

constexpr std::size_t block_size = 128 << 10;

/// Opens a regular file for reading, leaving its access time alone where we may (O_NOATIME is for owners).
std::expected<UniqueFd, int> open_for_reading(int directory, const std::string& name) {
    // O_NONBLOCK: should it have become a FIFO meanwhile, nobody waits for a writer.
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = ::openat(directory, name.c_str(), flags | O_NOATIME);
    if (fd < 0 && errno == EPERM) fd = ::openat(directory, name.c_str(), flags);
    if (fd < 0) return std::unexpected(errno);
    return UniqueFd(fd);
}

/// As much as fits, or what is left of the file.
std::expected<std::span<const std::byte>, int> read_block(int fd, std::span<std::byte> room) {
    std::size_t filled = 0;
    while (filled < room.size()) {
        const ssize_t got = ::read(fd, room.data() + filled, room.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    return room.first(filled);
}

std::expected<bool, int> same_bytes(int left, int right) {
    const auto room = std::make_unique_for_overwrite<std::byte[]>(2 * block_size);
    for (;;) {
        const auto one = TRY(read_block(left, {room.get(), block_size}));
        const auto other = TRY(read_block(right, {room.get() + block_size, block_size}));
        if (!std::ranges::equal(one, other)) return false;
        if (one.empty()) return true;
    }
}

/// Where the data of a file lies, as one sequence of bytes: inline data itself, or the places of its blocks.
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

/// True when the same blocks hold both contents. False says nothing: copies lie elsewhere.
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
