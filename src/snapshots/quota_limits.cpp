#include <endian.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "snapshots/quota.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

constexpr std::uint64_t limits_that_count = BTRFS_QGROUP_LIMIT_MAX_RFER | BTRFS_QGROUP_LIMIT_MAX_EXCL;
/// The kernel's value for "no limit".
constexpr Bytes no_limit{std::numeric_limits<std::uint64_t>::max()};

bool counts_for_changes(std::uint64_t group) {
    return group == BTRFS_FS_TREE_OBJECTID || btrfs_qgroup_level(group) > 0;
}

Expected<void> set_limit(const TopLevel& top, std::uint64_t group, const btrfs_qgroup_limit& limit) {
    btrfs_ioctl_qgroup_limit_args request{};
    request.qgroupid = group;
    request.lim = limit;
    int reason = 0;
    const auto try_in = [&](int directory) {
        if (::ioctl(directory, BTRFS_IOC_QGROUP_LIMIT, &request) == 0) return true;
        reason = errno;
        return false;
    };
    if (try_in(top.directory())) return {};
    // The kernel charges the change of a limit to the subvolume of the descriptor, which may be the full one.
    auto names = TRY(storage::subvolumes_in(top.directory()));
    for (const auto& name : names) {
        const UniqueFd other(
            ::openat(top.directory(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (other && try_in(other.get())) return {};
    }
    return fail_errno(ErrorKind::card, "the limit of a quota group", reason);
}

/// The flags of the reserved fields for the fields that are set.
std::uint64_t reserved_flags(std::uint64_t flags) {
    return ((flags & BTRFS_QGROUP_LIMIT_MAX_RFER) != 0 ? BTRFS_QGROUP_LIMIT_RSV_RFER : 0ULL) |
           ((flags & BTRFS_QGROUP_LIMIT_MAX_EXCL) != 0 ? BTRFS_QGROUP_LIMIT_RSV_EXCL : 0ULL);
}

btrfs_qgroup_limit lifted_limit(const QuotaLimit& limit) {
    return {.flags = limit.flags | reserved_flags(limit.flags),
            .max_rfer = no_limit.count,
            .max_excl = no_limit.count,
            .rsv_rfer = limit.referenced.count,
            .rsv_excl = limit.exclusive.count};
}

btrfs_qgroup_limit restored_limit(const QuotaLimit& limit) {
    return {.flags = limit.flags | reserved_flags(limit.flags),
            .max_rfer = limit.referenced.count,
            .max_excl = limit.exclusive.count,
            .rsv_rfer = no_limit.count,
            .rsv_excl = no_limit.count};
}

/// The limit to restore; nullopt: it was not lifted.
std::optional<btrfs_qgroup_limit> find_lifted_limit(const btrfs_qgroup_limit_item& item) {
    const auto flags = le64toh(item.flags);
    btrfs_qgroup_limit limit{.flags = flags & (BTRFS_QGROUP_LIMIT_RSV_RFER | BTRFS_QGROUP_LIMIT_RSV_EXCL),
                             .max_rfer = le64toh(item.rsv_rfer),
                             .max_excl = le64toh(item.rsv_excl),
                             .rsv_rfer = no_limit.count,
                             .rsv_excl = no_limit.count};
    if (limit.flags == 0) return std::nullopt;
    const auto needs_restore = [&](std::uint64_t reserved, std::uint64_t place) {
        return (flags & reserved) != 0 && (flags & place) == 0;
    };
    if (needs_restore(BTRFS_QGROUP_LIMIT_RSV_RFER, BTRFS_QGROUP_LIMIT_MAX_RFER))
        limit.flags |= BTRFS_QGROUP_LIMIT_MAX_RFER;
    if (needs_restore(BTRFS_QGROUP_LIMIT_RSV_EXCL, BTRFS_QGROUP_LIMIT_MAX_EXCL))
        limit.flags |= BTRFS_QGROUP_LIMIT_MAX_EXCL;
    return limit;
}

std::string name_of_group(std::uint64_t group) {
    constexpr std::uint64_t id_bits = (1ULL << BTRFS_QGROUP_LEVEL_SHIFT) - 1;
    return std::to_string(btrfs_qgroup_level(group)) + "/" + std::to_string(group & id_bits);
}

}  // namespace

Expected<std::vector<QuotaLimit>> limits_of_changes(const TopLevel& top) {
    std::vector<QuotaLimit> limits;
    auto searched = search_quota_tree(
        top.directory(), BTRFS_QGROUP_LIMIT_KEY, [&](std::uint64_t group, std::span<const char> bytes) {
            const auto item = quota_item_in<btrfs_qgroup_limit_item>(bytes);
            if (!item || !counts_for_changes(group)) return;
            const QuotaLimit limit{.group = group,
                                   .flags = le64toh(item->flags) & limits_that_count,
                                   .referenced = {le64toh(item->max_rfer)},
                                   .exclusive = {le64toh(item->max_excl)}};
            if (limit.flags != 0) limits.push_back(limit);
        });
    if (!searched) return pass_on(searched);
    return limits;
}

LiftedQuotaLimits::LiftedQuotaLimits(const TopLevel& top, std::vector<QuotaLimit> limits)
    : top_(&top), limits_(std::move(limits)) {}

LiftedQuotaLimits::LiftedQuotaLimits(LiftedQuotaLimits&& other) noexcept
    : top_(other.top_), limits_(std::exchange(other.limits_, {})) {}

LiftedQuotaLimits::~LiftedQuotaLimits() {
    // This needs no free space. Errors of a failing card are ignored here: the next writer tries again.
    for (const auto& limit : limits_) {
        [[maybe_unused]] const auto set = set_limit(*top_, limit.group, restored_limit(limit));
    }
}

Expected<LiftedQuotaLimits> LiftedQuotaLimits::lift(const TopLevel& top) {
    auto limits = TRY(limits_of_changes(top));
    LiftedQuotaLimits lifted(top, std::move(limits));
    for (const auto& limit : lifted.limits_) TRY(set_limit(top, limit.group, lifted_limit(limit)));
    return lifted;
}

Expected<std::vector<std::string>> restore_lifted_limits(const TopLevel& top) {
    std::map<std::uint64_t, btrfs_qgroup_limit> found;
    TRY(search_quota_tree(top.directory(), BTRFS_QGROUP_LIMIT_KEY,
                          [&](std::uint64_t group, std::span<const char> bytes) {
                              const auto item = quota_item_in<btrfs_qgroup_limit_item>(bytes);
                              if (!item || !counts_for_changes(group)) return;
                              if (const auto limit = find_lifted_limit(*item)) found[group] = *limit;
                          }));
    std::vector<std::string> names;
    for (const auto& [group, limit] : found) {
        TRY(set_limit(top, group, limit));
        names.push_back(name_of_group(group));
    }
    return names;
}

std::string LiftedQuotaLimits::names() const {
    return joined(limits_, ", ", [](const auto& limit) { return name_of_group(limit.group); });
}

}  // namespace mox::snapshots
