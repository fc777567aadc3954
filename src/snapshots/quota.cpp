#include "snapshots/quota.hpp"

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <limits>

#include "snapshots/listing.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

constexpr auto kind = ErrorKind::card;

/// By subvolume id.
using Sizes = std::map<std::uint64_t, SnapshotSize>;

Expected<Sizes> sizes_by_subvolume(int directory) {
    Sizes sizes;
    TRY(search_quota_tree(
        directory, BTRFS_QGROUP_INFO_KEY, [&](std::uint64_t qgroup, std::span<const char> bytes) {
            const auto item = quota_item_in<btrfs_qgroup_info_item>(bytes);
            if (item && btrfs_qgroup_level(qgroup) == 0)
                sizes[qgroup] = {.referenced = {le64toh(item->rfer)}, .exclusive = {le64toh(item->excl)}};
        }));
    return sizes;
}

}  // namespace

Expected<QuotaState> quota_state(const TopLevel& top) {
    std::uint64_t flags = 0;
    auto searched = TRY(search_quota_tree(
        top.directory(), BTRFS_QGROUP_STATUS_KEY, [&](std::uint64_t, std::span<const char> bytes) {
            const auto item = quota_item_in<btrfs_qgroup_status_item>(bytes);
            if (item) flags = le64toh(item->flags);
        }));
    if (searched == QuotaTree::missing || (flags & BTRFS_QGROUP_STATUS_FLAG_ON) == 0) return QuotaState::off;
    const bool is_consistent =
        (flags & (BTRFS_QGROUP_STATUS_FLAG_RESCAN | BTRFS_QGROUP_STATUS_FLAG_INCONSISTENT)) == 0;
    return is_consistent ? QuotaState::on : QuotaState::counting;
}

Expected<void> switch_quota(const TopLevel& top, QuotaSwitch to) {
    btrfs_ioctl_quota_ctl_args request{};
    request.cmd = to == QuotaSwitch::on ? BTRFS_QUOTA_CTL_ENABLE : BTRFS_QUOTA_CTL_DISABLE;
    if (::ioctl(top.directory(), BTRFS_IOC_QUOTA_CTL, &request) == 0) return {};
    // Another program has done it already.
    if (errno == EEXIST || (errno == ENOTCONN && to == QuotaSwitch::off)) return {};
    return fail_errno(kind, "quotas cannot be switched");
}

Expected<std::map<Number, SnapshotSize>> snapshot_sizes(const TopLevel& top) {
    std::map<Number, SnapshotSize> result;
    auto sizes = TRY(sizes_by_subvolume(top.directory()));
    if (sizes.empty()) return result;
    auto snapshots = TRY(list_snapshots(top));
    for (const auto& snapshot : snapshots) {
        if (!snapshot.usable()) continue;
        auto info = storage::subvolume_info(top.directory(), subvolume_of(snapshot.number));
        // Deleted meanwhile: readers do not take the lock.
        if (!info) continue;
        if (const auto size = sizes.find(info->id); size != sizes.end())
            result[snapshot.number] = size->second;
    }
    return result;
}

std::string size_text(Bytes size) {
    constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto amount = static_cast<double>(size.count);
    std::size_t unit = 0;
    for (; amount >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
    std::array<char, 32> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.2f%s", amount, units[unit]);
    return {text.data(), static_cast<std::size_t>(length)};
}

namespace {

btrfs_ioctl_search_key search_key(std::uint32_t type, std::uint64_t from) {
    btrfs_ioctl_search_key key{};
    key.tree_id = BTRFS_QUOTA_TREE_OBJECTID;
    key.min_type = type;
    key.max_type = type;
    key.min_offset = from;
    key.max_offset = std::numeric_limits<std::uint64_t>::max();
    key.max_transid = std::numeric_limits<std::uint64_t>::max();
    key.nr_items = std::numeric_limits<std::uint32_t>::max();
    return key;
}

}  // namespace

/// One ioctl returns at most 4 KB of items.
Expected<QuotaTree> search_quota_tree(int directory, std::uint32_t type, const QuotaItemReader& read) {
    std::uint64_t from = 0;
    for (;;) {
        btrfs_ioctl_search_args request{};
        request.key = search_key(type, from);
        if (::ioctl(directory, BTRFS_IOC_TREE_SEARCH, &request) != 0) {
            if (errno == ENOENT) return QuotaTree::missing;
            return fail_errno(kind, "quotas");
        }
        if (request.key.nr_items == 0) return QuotaTree::exists;
        auto rest = std::span<const char>(request.buf);
        for (std::uint32_t i = 0; i < request.key.nr_items; ++i) {
            btrfs_ioctl_search_header header{};
            std::memcpy(&header, rest.data(), sizeof header);
            rest = rest.subspan(sizeof header);
            if (header.objectid == 0 && header.type == type) read(header.offset, rest.first(header.len));
            rest = rest.subspan(header.len);
            from = header.offset;
        }
        if (from == std::numeric_limits<std::uint64_t>::max()) return QuotaTree::exists;
        ++from;
    }
}

}  // namespace mox::snapshots
