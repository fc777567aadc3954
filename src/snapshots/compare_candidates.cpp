#include "snapshots/compare_candidates.hpp"

#include <endian.h>
#include <linux/btrfs_tree.h>

#include <algorithm>

#include "snapshots/compare_tree_search.hpp"

namespace mox::snapshots {

namespace {

void sort_and_make_unique(std::vector<std::string>& paths) {
    std::ranges::sort(paths);
    const auto repeated = std::ranges::unique(paths);
    paths.erase(repeated.begin(), repeated.end());
}

/// True when one of the sorted `paths` is `path` or an ancestor of it.
bool is_covered(std::string_view path, const std::vector<std::string>& paths) {
    for (;;) {
        if (std::ranges::binary_search(paths, path, std::less<>())) return true;
        if (path.empty()) return false;
        const auto slash = path.rfind('/');
        path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    }
}

std::string_view parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace

bool is_within(std::string_view path, std::string_view ancestor) {
    return ancestor.empty() || path == ancestor ||
           (path.starts_with(ancestor) && path[ancestor.size()] == '/');
}

std::string joined(std::string_view directory, std::string_view name) {
    if (directory.empty()) return std::string(name == "." ? "" : name);
    if (name == ".") return std::string(directory);
    return std::string(directory).append("/").append(name);
}

Candidates without_repetition(Candidates candidates) {
    auto& alone = candidates.alone;
    auto& whole = candidates.whole;
    sort_and_make_unique(whole);
    const auto all_whole = whole;
    std::erase_if(whole, [&](const std::string& path) {
        return !path.empty() && is_covered(parent_of(path), all_whole);
    });
    sort_and_make_unique(alone);
    std::erase_if(alone, [&](const std::string& path) { return is_covered(path, whole); });
    return candidates;
}

Candidates restricted_to(std::string_view below, Candidates candidates) {
    auto& alone = candidates.alone;
    auto& whole = candidates.whole;
    const bool all_of_it =
        std::ranges::any_of(whole, [&](const std::string& path) { return is_within(below, path); });
    if (all_of_it) return {.alone = {}, .whole = {std::string(below)}};
    const auto outside = [&](const std::string& path) { return !is_within(path, below); };
    std::erase_if(alone, outside);
    std::erase_if(whole, outside);
    return candidates;
}

namespace {

/// A subvolume is `ancestor` as it was in transaction `until`, plus changes.
struct Descent {
    storage::Uuid ancestor{};
    std::uint64_t until = never;
};

std::vector<Descent> ancestry(std::span<const SubvolumeOrigin> known, const storage::Uuid& subvolume) {
    std::vector<Descent> line{{.ancestor = subvolume}};
    while (line.size() <= known.size()) {  // a damaged file system may have a cycle
        const auto& [youngest, until] = line.back();
        const auto origin = std::ranges::find(known, youngest, &SubvolumeOrigin::uuid);
        if (origin == known.end() || origin->parent == storage::Uuid{}) break;
        line.push_back({.ancestor = origin->parent, .until = std::min(until, origin->snapshotted_at)});
    }
    return line;
}

}  // namespace

std::optional<std::uint64_t> common_transaction(std::span<const SubvolumeOrigin> known,
                                                const storage::Uuid& left, const storage::Uuid& right) {
    if (left == storage::Uuid{} || right == storage::Uuid{}) return std::nullopt;
    const auto right_line = ancestry(known, right);
    for (const auto& [ancestor, until] : ancestry(known, left)) {
        const auto met = std::ranges::find(right_line, ancestor, &Descent::ancestor);
        if (met != right_line.end()) return std::min(until, met->until);
    }
    return std::nullopt;
}

std::expected<std::vector<SubvolumeOrigin>, int> subvolume_origins(int on_btrfs) {
    std::vector<SubvolumeOrigin> origins;
    const TreeRange all_roots{.first = {BTRFS_FIRST_FREE_OBJECTID, BTRFS_ROOT_ITEM_KEY, 0},
                              .last = {BTRFS_LAST_FREE_OBJECTID, BTRFS_ROOT_ITEM_KEY, never},
                              .tree = BTRFS_ROOT_TREE_OBJECTID};
    auto read = TreeSearch(on_btrfs).for_each(all_roots, [&](const TreeItem& item) {
        if (item.key.type != BTRFS_ROOT_ITEM_KEY) return;
        const auto root = front_of<btrfs_root_item>(item.data);
        // A kernel without UUIDs (before 3.6) wrote the item last: its UUID fields are invalid.
        if (root.generation != root.generation_v2) return;
        SubvolumeOrigin origin{.snapshotted_at = le64toh(root.otransid)};
        std::ranges::copy(root.uuid, origin.uuid.begin());
        std::ranges::copy(root.parent_uuid, origin.parent.begin());
        origins.push_back(origin);
    });
    if (!read) return std::unexpected(read.error());
    return origins;
}

}  // namespace mox::snapshots
