#include "snapshots/changed_inode_paths.hpp"

#include <endian.h>
#include <linux/btrfs_tree.h>

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <utility>

#include "base/error.hpp"
#include "snapshots/compare_candidates.hpp"

namespace mox::snapshots {

namespace {

/// Deeper than any tree that can be made by paths of 4,096 bytes; deeper ones exist only by patience or
/// damage (a circle).
constexpr std::size_t deepest = 65536;

/// Calls `found(directory, name)` for each reference that one item holds: several names in the same directory
/// share an item.
template <typename Found>
void for_each_reference(const TreeItem& item, const Found& found) {
    auto rest = item.data;
    const bool extended = item.key.type == BTRFS_INODE_EXTREF_KEY;
    const std::size_t header = extended ? sizeof(btrfs_inode_extref) : sizeof(btrfs_inode_ref);
    while (rest.size() > header) {
        std::uint64_t directory = item.key.offset;
        std::size_t length = 0;
        if (extended) {
            const auto reference = front_of<btrfs_inode_extref>(rest);
            directory = le64toh(reference.parent_objectid);
            length = le16toh(reference.name_len);
        } else {
            length = le16toh(front_of<btrfs_inode_ref>(rest).name_len);
        }
        found(directory, text_of(rest, header, length));
        rest = rest.subspan(std::min(header + length, rest.size()));
    }
}

}  // namespace

std::string text_of(std::span<const std::byte> item, std::size_t start, std::size_t length) {
    const auto part = item.subspan(std::min(start, item.size()));
    return {reinterpret_cast<const char*>(part.data()), std::min(length, part.size())};
}

std::expected<std::vector<InodePaths::Reference>, int> InodePaths::references_of(std::uint64_t inode) {
    std::vector<Reference> references;
    const auto range = items_of(inode, BTRFS_INODE_REF_KEY, BTRFS_INODE_EXTREF_KEY);
    TRY(subvolume_.for_each(range, [&](const TreeItem& item) {
        for_each_reference(item, [&](std::uint64_t directory, std::string name) {
            references.push_back({.directory = directory, .name = std::move(name)});
        });
    }));
    return references;
}

std::expected<std::string, int> InodePaths::path_of_directory(std::uint64_t directory) {
    std::vector<std::pair<std::uint64_t, std::string>> way_up;
    auto at = directory;
    while (at != BTRFS_FIRST_FREE_OBJECTID && !directories_.contains(at)) {
        auto references = TRY(references_of(at));
        if (references.empty() || way_up.size() == deepest) return std::unexpected(EUCLEAN);
        way_up.emplace_back(at, std::move(references.front().name));
        at = references.front().directory;
    }
    std::string path = at == BTRFS_FIRST_FREE_OBJECTID ? std::string() : directories_.at(at);
    for (const auto& [number, name] : way_up | std::views::reverse) {
        path = joined(path, name);
        directories_.emplace(number, path);
    }
    return path;
}

std::expected<std::vector<std::string>, int> InodePaths::of(std::uint64_t inode) {
    if (inode == BTRFS_FIRST_FREE_OBJECTID) return std::vector<std::string>{""};
    auto references = TRY(references_of(inode));
    std::vector<std::string> paths;
    for (const auto& [directory, name] : references) {
        auto above = TRY(path_of_directory(directory));
        paths.push_back(joined(above, name));
    }
    return paths;
}

}  // namespace mox::snapshots
