#include "snapshots/changed_inodes.hpp"

#include <endian.h>
#include <linux/btrfs_tree.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "snapshots/compare_candidates.hpp"
#include "snapshots/compare_tree_search.hpp"

namespace mox::snapshots {

namespace {

constexpr auto highest = std::numeric_limits<std::uint64_t>::max();

/// One inode as its item in a subvolume's tree describes it.
struct Inode {
    std::uint64_t number = 0;
    std::uint64_t changed = 0;  ///< the transaction of its last change
    bool is_directory = false;
    std::array<std::byte, sizeof(btrfs_inode_item)> item{};
};

using Inodes = std::vector<Inode>;  ///< sorted by number

/// All inodes of the subvolume that were changed in transaction `since` or later.
std::expected<Inodes, int> inodes_changed_since(std::uint64_t since, TreeSearch& subvolume) {
    Inodes inodes;
    const TreeRange range{.first = {BTRFS_FIRST_FREE_OBJECTID, BTRFS_INODE_ITEM_KEY, 0},
                          .last = {BTRFS_LAST_FREE_OBJECTID, BTRFS_INODE_ITEM_KEY, highest},
                          .oldest_transaction = since};
    auto read = subvolume.for_each(range, [&](const TreeItem& item) {
        if (item.key.type != BTRFS_INODE_ITEM_KEY) return;
        const auto found = front_of<btrfs_inode_item>(item.data);
        if (le64toh(found.transid) < since) return;  // only other items in the same block were changed
        Inode inode{.number = item.key.object,
                    .changed = le64toh(found.transid),
                    .is_directory = S_ISDIR(le32toh(found.mode))};
        std::ranges::copy(item.data.first(std::min(item.data.size(), inode.item.size())), inode.item.begin());
        inodes.push_back(inode);
    });
    if (!read) return std::unexpected(read.error());
    return inodes;
}

const Inode* found_in(const Inodes& inodes, std::uint64_t number) {
    const auto at = std::ranges::lower_bound(inodes, number, {}, &Inode::number);
    return at != inodes.end() && at->number == number ? &*at : nullptr;
}

/// A change in the transaction of the common snapshot, before the snapshot was taken, is common too: both
/// sides have the same item. (After it, a snapshot inside the subvolume itself adds its entry to the parent
/// directory, which grows.) For later transactions, equal items prove nothing: both sides may have changed in
/// the same transaction and the same clock tick.
bool was_changed_before(std::uint64_t common, const Inode& left, const Inode& right) {
    return left.changed == common && left.item == right.item;
}

/// The inodes that either side has changed since `common`.
Inodes changed_on_either_side(std::uint64_t common, const Inodes& left, const Inodes& right) {
    Inodes changed;
    const auto one_side = [&](const Inodes& side, const Inodes& other) {
        for (const auto& inode : side)
            if (found_in(other, inode.number) == nullptr) changed.push_back(inode);
    };
    one_side(left, right);
    one_side(right, left);
    for (const auto& inode : left) {
        const auto* const twin = found_in(right, inode.number);
        if (twin == nullptr || was_changed_before(common, inode, *twin)) continue;
        changed.push_back(inode);
        changed.back().is_directory |= twin->is_directory;
    }
    return changed;
}

/// The target of a directory entry.
struct Destination {
    std::uint64_t object = 0;
    std::uint8_t type = 0;  ///< BTRFS_INODE_ITEM_KEY, or BTRFS_ROOT_ITEM_KEY for a nested subvolume
    friend bool operator==(const Destination&, const Destination&) = default;
};

using Entries = std::map<std::string, Destination>;

std::expected<Entries, int> entries_of(std::uint64_t directory, TreeSearch& subvolume) {
    Entries entries;
    const auto range = items_of(directory, BTRFS_DIR_INDEX_KEY, BTRFS_DIR_INDEX_KEY);
    TRY(subvolume.for_each(range, [&](const TreeItem& item) {
        const auto entry = front_of<btrfs_dir_item>(item.data);
        auto name = text_of(item.data, sizeof entry, le16toh(entry.name_len));
        entries.insert_or_assign(std::move(name),
                                 Destination{le64toh(entry.location.objectid), entry.location.type});
    }));
    return entries;
}

/// Names that are missing on one side or have different targets.
std::vector<std::string> names_that_differ(const Entries& left, const Entries& right) {
    std::vector<std::string> names;
    for (const auto& [name, destination] : left) {
        const auto other = right.find(name);
        if (other == right.end() || other->second != destination) names.push_back(name);
    }
    for (const auto& [name, destination] : right)
        if (!left.contains(name)) names.push_back(name);
    return names;
}

}  // namespace

std::expected<Candidates, int> changed_since(std::uint64_t common, int left_root, int right_root) {
    TreeSearch left(left_root);
    TreeSearch right(right_root);
    auto left_inodes = TRY(inodes_changed_since(common, left));
    auto right_inodes = TRY(inodes_changed_since(common, right));

    Candidates candidates;
    InodePaths paths(left);
    for (const auto& inode : changed_on_either_side(common, left_inodes, right_inodes)) {
        auto here = TRY(paths.of(inode.number));
        candidates.alone.insert(candidates.alone.end(), here.begin(), here.end());
        if (here.empty() || !inode.is_directory) continue;

        auto left_entries = TRY(entries_of(inode.number, left));
        auto right_entries = TRY(entries_of(inode.number, right));
        for (const auto& name : names_that_differ(left_entries, right_entries))
            candidates.whole.push_back(joined(here.front(), name));
    }
    return without_repetition(std::move(candidates));
}

namespace {

/// Deeper than any tree that paths of 4,096 bytes can create. A deeper one is made step by step or is damaged
/// (a cycle).
constexpr std::size_t max_depth = 65536;

/// Calls `found(directory, name)` for each reference in one item: several names in the same directory share
/// an item.
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
    std::vector<std::pair<std::uint64_t, std::string>> parents;
    auto at = directory;
    while (at != BTRFS_FIRST_FREE_OBJECTID && !directories_.contains(at)) {
        auto references = TRY(references_of(at));
        if (references.empty() || parents.size() == max_depth) return std::unexpected(EUCLEAN);
        parents.emplace_back(at, std::move(references.front().name));
        at = references.front().directory;
    }
    std::string path = at == BTRFS_FIRST_FREE_OBJECTID ? std::string() : directories_.at(at);
    for (const auto& [number, name] : parents | std::views::reverse) {
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
