#include "snapshots/changed_inodes.hpp"

#include <endian.h>
#include <linux/btrfs_tree.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "snapshots/changed_inode_paths.hpp"
#include "snapshots/compare_tree_search.hpp"

namespace mox::snapshots {

namespace {

constexpr auto highest = std::numeric_limits<std::uint64_t>::max();

/// One inode as its item in a subvolume's tree describes it.
struct Inode {
    std::uint64_t number = 0;
    std::uint64_t created = 0;  ///< transaction
    std::uint64_t changed = 0;  ///< transaction
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
        if (le64toh(found.transid) < since) return;  // only its neighbours in the block were changed
        Inode inode{.number = item.key.object,
                    .created = le64toh(found.generation),
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

/// The changed inodes of both sides, and what can be told from them.
class ChangedInodes {
public:
    ChangedInodes(std::uint64_t common, Inodes left, Inodes right)
        : common_(common), left_(std::move(left)), right_(std::move(right)) {}

    /// Numbers of the inodes that both sides have had since `common` (unless one has deleted it), and that
    /// at least one has changed.
    [[nodiscard]] std::vector<std::uint64_t> old_ones() const {
        std::set<std::uint64_t> numbers;
        for (const auto* side : {&left_, &right_})
            for (const auto& inode : *side)
                if (!is_new(inode.number) && !is_untouched(inode.number)) numbers.insert(inode.number);
        return {numbers.begin(), numbers.end()};
    }

    /// True when one side has made an inode of this number after `common`: then the other's, if it has one,
    /// is another inode. (A creation transaction of 0 is what log replay leaves behind: unknown.)
    [[nodiscard]] bool is_new(std::uint64_t number) const {
        const auto made_since = [this](const Inode* inode) {
            return inode != nullptr && (inode->created > common_ || inode->created == 0);
        };
        return made_since(found_in(left_, number)) || made_since(found_in(right_, number));
    }

    [[nodiscard]] bool is_directory(std::uint64_t number) const {
        const auto is = [](const Inode* inode) { return inode != nullptr && inode->is_directory; };
        return is(found_in(left_, number)) || is(found_in(right_, number));
    }

private:
    /// What was changed in the transaction of the common snapshot before it was taken is common too: both
    /// have the same item. What taking it changed afterwards in its parent, the entry of a snapshot inside
    /// the subvolume itself, has made that directory larger.
    [[nodiscard]] bool is_untouched(std::uint64_t number) const {
        const auto* const left = found_in(left_, number);
        const auto* const right = found_in(right_, number);
        return left != nullptr && right != nullptr && left->changed == common_ && left->item == right->item;
    }

    std::uint64_t common_;
    Inodes left_;
    Inodes right_;
};

/// What a directory entry leads to.
struct Target {
    std::uint64_t object = 0;
    std::uint8_t type = 0;  ///< BTRFS_INODE_ITEM_KEY, or BTRFS_ROOT_ITEM_KEY for a nested subvolume
    friend bool operator==(const Target&, const Target&) = default;
};

using Entries = std::map<std::string, Target>;

std::expected<Entries, int> entries_of(std::uint64_t directory, TreeSearch& subvolume) {
    Entries entries;
    const auto range = items_of(directory, BTRFS_DIR_INDEX_KEY, BTRFS_DIR_INDEX_KEY);
    auto read = subvolume.for_each(range, [&](const TreeItem& item) {
        const auto entry = front_of<btrfs_dir_item>(item.data);
        auto name = text_of(item.data, sizeof entry, le16toh(entry.name_len));
        entries.insert_or_assign(std::move(name),
                                 Target{le64toh(entry.location.objectid), entry.location.type});
    });
    if (!read) return std::unexpected(read.error());
    return entries;
}

/// Names that are not the same old inode on both sides.
std::vector<std::string> names_that_differ(const Entries& left, const Entries& right,
                                           const ChangedInodes& changed) {
    std::vector<std::string> names;
    for (const auto& [name, target] : left) {
        const auto other = right.find(name);
        const bool same = other != right.end() && other->second == target &&
                          (target.type != BTRFS_INODE_ITEM_KEY || !changed.is_new(target.object));
        if (!same) names.push_back(name);
    }
    for (const auto& [name, target] : right)
        if (!left.contains(name)) names.push_back(name);
    return names;
}

}  // namespace

std::expected<Candidates, int> changed_since(std::uint64_t common, int left_root, int right_root) {
    TreeSearch left(left_root);
    TreeSearch right(right_root);
    auto left_inodes = inodes_changed_since(common, left);
    if (!left_inodes) return std::unexpected(left_inodes.error());
    auto right_inodes = inodes_changed_since(common, right);
    if (!right_inodes) return std::unexpected(right_inodes.error());
    const ChangedInodes changed(common, std::move(*left_inodes), std::move(*right_inodes));

    Candidates candidates;
    InodePaths paths(left);
    for (const auto number : changed.old_ones()) {
        auto here = paths.of(number);
        if (!here) return std::unexpected(here.error());
        candidates.alone.insert(candidates.alone.end(), here->begin(), here->end());
        if (here->empty() || !changed.is_directory(number)) continue;

        auto left_entries = entries_of(number, left);
        if (!left_entries) return std::unexpected(left_entries.error());
        auto right_entries = entries_of(number, right);
        if (!right_entries) return std::unexpected(right_entries.error());
        for (const auto& name : names_that_differ(*left_entries, *right_entries, changed))
            candidates.whole.push_back(joined(here->front(), name));
    }
    return without_repetition(std::move(candidates));
}

}  // namespace mox::snapshots
