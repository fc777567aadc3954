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

#include "snapshots/quota.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

constexpr std::uint64_t limits_that_count = BTRFS_QGROUP_LIMIT_MAX_RFER | BTRFS_QGROUP_LIMIT_MAX_EXCL;
/// What the kernel takes for "no limit".
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
    // The kernel counts the change of a limit for the subvolume that it is asked in, which may be the full
    // one.
    auto names = TRY(storage::subvolumes_in(top.directory()));
    for (const auto& name : names) {
        const UniqueFd other(
            ::openat(top.directory(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (other && try_in(other.get())) return {};
    }
    return fail_errno(ErrorKind::card, "the limit of a quota group", reason);
}

/// The flags of the places beside those that the limit has.
std::uint64_t flags_beside(std::uint64_t flags) {
    return ((flags & BTRFS_QGROUP_LIMIT_MAX_RFER) != 0 ? BTRFS_QGROUP_LIMIT_RSV_RFER : 0ULL) |
           ((flags & BTRFS_QGROUP_LIMIT_MAX_EXCL) != 0 ? BTRFS_QGROUP_LIMIT_RSV_EXCL : 0ULL);
}

btrfs_qgroup_limit moved_aside(const QuotaLimit& limit) {
    return {.flags = limit.flags | flags_beside(limit.flags),
            .max_rfer = no_limit.count,
            .max_excl = no_limit.count,
            .rsv_rfer = limit.referenced.count,
            .rsv_excl = limit.exclusive.count};
}

btrfs_qgroup_limit set_again(const QuotaLimit& limit) {
    return {.flags = limit.flags | flags_beside(limit.flags),
            .max_rfer = limit.referenced.count,
            .max_excl = limit.exclusive.count,
            .rsv_rfer = no_limit.count,
            .rsv_excl = no_limit.count};
}

/// What sets it again; none: it was not lifted.
std::optional<btrfs_qgroup_limit> limit_that_was_lifted(const btrfs_qgroup_limit_item& item) {
    const auto flags = le64toh(item.flags);
    btrfs_qgroup_limit limit{.flags = flags & (BTRFS_QGROUP_LIMIT_RSV_RFER | BTRFS_QGROUP_LIMIT_RSV_EXCL),
                             .max_rfer = le64toh(item.rsv_rfer),
                             .max_excl = le64toh(item.rsv_excl),
                             .rsv_rfer = no_limit.count,
                             .rsv_excl = no_limit.count};
    if (limit.flags == 0) return std::nullopt;
    const auto is_to_be_set = [&](std::uint64_t beside, std::uint64_t place) {
        return (flags & beside) != 0 && (flags & place) == 0;
    };
    if (is_to_be_set(BTRFS_QGROUP_LIMIT_RSV_RFER, BTRFS_QGROUP_LIMIT_MAX_RFER))
        limit.flags |= BTRFS_QGROUP_LIMIT_MAX_RFER;
    if (is_to_be_set(BTRFS_QGROUP_LIMIT_RSV_EXCL, BTRFS_QGROUP_LIMIT_MAX_EXCL))
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
    // The kernel needs no room for it; on a card that fails this is the wrong place to report it, and the
    // next writer tries again.
    for (const auto& limit : limits_) {
        [[maybe_unused]] const auto set = set_limit(*top_, limit.group, set_again(limit));
    }
}

Expected<LiftedQuotaLimits> LiftedQuotaLimits::lift(const TopLevel& top) {
    auto limits = TRY(limits_of_changes(top));
    LiftedQuotaLimits lifted(top, std::move(limits));
    for (const auto& limit : lifted.limits_) TRY(set_limit(top, limit.group, moved_aside(limit)));
    return lifted;
}

Expected<std::vector<std::string>> set_lifted_limits_again(const TopLevel& top) {
    std::map<std::uint64_t, btrfs_qgroup_limit> found;
    TRY(search_quota_tree(top.directory(), BTRFS_QGROUP_LIMIT_KEY,
                          [&](std::uint64_t group, std::span<const char> bytes) {
                              const auto item = quota_item_in<btrfs_qgroup_limit_item>(bytes);
                              if (!item || !counts_for_changes(group)) return;
                              if (const auto limit = limit_that_was_lifted(*item)) found[group] = *limit;
                          }));
    std::vector<std::string> names;
    for (const auto& [group, limit] : found) {
        TRY(set_limit(top, group, limit));
        names.push_back(name_of_group(group));
    }
    return names;
}

std::string LiftedQuotaLimits::names() const {
    std::string text;
    for (const auto& limit : limits_) text += (text.empty() ? "" : ", ") + name_of_group(limit.group);
    return text;
}

}  // namespace mox::snapshots
