#include "snapshots/space_reclaimer.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/full_storage.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/deletion.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots/temporary_names.hpp"
#include "snapshots/tree_walk.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

using namespace unit_literals;

/// Below this free space for data the card counts as full of data.
constexpr Bytes minimum_data_space = 8_MiB;

/// Number of deleted snapshots after which the space that they freed decides whether to delete more.
constexpr std::size_t deletions_before_estimate = 5;

/// A balance needs free metadata of half the size that an exchange needs (Linux 6.18: 6.8 MB of 13.6 MB).
constexpr std::uint64_t exchange_by_balance = 2;

/// Whether the data block groups have enough free space to empty one of them for metadata.
bool can_balance_data(const storage::BtrfsSpace& space) {
    return !space.mixed && space.data >= minimum_data_space;
}

/// Directories of the rescue system's logs in `@` (update/rescue_log.hpp).
constexpr std::array rescue_log_directories{"var/log/mox-rescue", "etc/mox-rescue/log"};

/// Resolves the path as the installed system does: `var -> /tmp` leads to its own tmp.
UniqueFd open_rescue_logs(int top, const char* path) {
    const UniqueFd root(
        ::openat(top, std::string(root_name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return {};
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
}

std::string what_is_full(int directory) {
    const auto space = storage::btrfs_space(directory);
    if (!space) return "the card is full";
    const auto data = space->data + space->unallocated;
    const auto metadata = space->for_metadata();
    const auto wanted = to_text(space->exchange);
    if (space->mixed)
        return "the card is full (" + to_text(data) + " are free; btrfs may want " + wanted +
               " for a change of the snapshots)";
    const bool lacks_metadata = metadata < space->exchange;
    if (lacks_metadata && data >= minimum_data_space)
        return "the card has no free space for metadata (" + to_text(metadata) +
               " are free, btrfs may want " + wanted + " for a change of the snapshots; for data " +
               to_text(data) + " are free)";
    if (data < minimum_data_space && !lacks_metadata)
        return "the card is full of data (" + to_text(data) + " are free, for metadata " + to_text(metadata) +
               ")";
    return "the card is full (" + to_text(data) + " are free for data, " + to_text(metadata) +
           " for metadata, of which btrfs may want " + wanted + " for a change of the snapshots)";
}

/// Small files use metadata. Data that a snapshot also holds becomes free only when the snapshot is deleted,
/// too.
std::string what_to_delete(int directory, bool has_snapshots) {
    const auto space = storage::btrfs_space(directory);
    const bool lacks_metadata = space && space->for_metadata() < space->exchange;
    std::string files = lacks_metadata
                            ? "files that are not needed, first of all directories with many small ones"
                            : "files that are not needed";
    if (!has_snapshots) return "delete " + files;
    return std::string(delete_snapshots_advice) + ", or " + files;
}

}  // namespace

bool is_full(const Error& error) {
    return is_out_of_space(error.reason());
}

Error with_space_hint(const TopLevel& top, Error&& error) {
    if (!is_full(error)) return std::move(error);
    if (error.reason() == EDQUOT)
        return std::move(error).replace_hint(
            {"the limit of a quota group is reached (`btrfs qgroup show -re` shows which, `btrfs qgroup "
             "limit "
             "none` takes it away); " +
             std::string(delete_snapshots_advice)});
    const auto listed = list_snapshots(top);
    const bool has_some = listed && !listed->empty();
    return std::move(error).replace_hint(
        {what_is_full(top.directory()) + "; " + what_to_delete(top.directory(), has_some)});
}

SpaceReclaimer::SpaceReclaimer(const TopLevel& top, std::optional<Target> keep, ReclaimLog log)
    : top_(&top), keep_(keep), log_(std::move(log)) {}

void SpaceReclaimer::log(const std::string& line) const {
    if (log_) log_(line);
}

Expected<bool> SpaceReclaimer::free_more(const Error& why) {
    if (why.reason() == EDQUOT && !lifted_)
        if (auto lifted = lift_limits(); !lifted || *lifted) return lifted;
    while (step_ != Step::none) {
        auto freed = TRY(execute(step_));
        // Snapshots and block groups are freed one by one; the other steps run once.
        const bool is_over = step_ != Step::data && step_ != Step::snapshots && step_ != Step::data_again;
        if (!freed || is_over) step_ = static_cast<Step>(static_cast<int>(step_) + 1);
        if (freed) return true;
    }
    return false;
}

Expected<bool> SpaceReclaimer::execute(Step step) {
    switch (step) {
        case Step::deleted_subvolumes: {
            auto pending = TRY(storage::subvolumes_being_freed(top_->directory()));
            if (pending == 0) return false;
            log("the card is full; waiting until the space of deleted subvolumes is free");
            return wait_for_space();
        }
        case Step::savepoint_reserve:
            return delete_reserve();
        case Step::rescue_logs:
            return delete_rescue_logs();
        case Step::data:
        case Step::data_again:
            return balance_data();
        case Step::snapshots:
            return delete_next_snapshot();
        case Step::none:
            return false;
    }
    return false;
}

Expected<bool> SpaceReclaimer::lift_limits() {
    auto lifted = TRY(LiftedQuotaLimits::lift(*top_));
    const auto names = lifted.names();
    if (names.empty()) return false;
    log("the limit of a quota group is reached; lifted for now: " + names);
    lifted_.emplace(std::move(lifted));
    return true;
}

Expected<bool> SpaceReclaimer::delete_reserve() {
    if (!has_savepoint_reserve(*top_)) return false;
    TRY(delete_savepoint_reserve(*top_));
    log("the card is full; using the reserve of the savepoint");
    return wait_for_space();
}

Expected<bool> SpaceReclaimer::delete_rescue_logs() {
    bool some = false;
    for (const auto* path : rescue_log_directories) {
        const auto directory = open_rescue_logs(top_->directory(), path);
        if (!directory) continue;
        auto names = TRY(names_in(directory.get()));
        std::ranges::sort(names);
        for (const auto& name : names) {
            if (!name.ends_with(".log")) continue;
            if (::unlinkat(directory.get(), name.c_str(), 0) != 0) return fail_errno(ErrorKind::card, name);
            log("the card is full; the rescue log " + name + " was deleted to free space");
            some = true;
        }
    }
    if (!some) return false;
    return wait_for_space();
}

Expected<bool> SpaceReclaimer::balance_data() {
    auto space = TRY(storage::btrfs_space(top_->directory()));
    if (space.for_metadata() >= space.exchange || !can_balance_data(space)) return false;
    log("the card has no free space for metadata; balancing data to free some");
    return storage::balance_data(top_->directory());
}

/// Snapshots that share nearly all data with others free very little: deleting all of them would lose them
/// without freeing enough.
Expected<bool> SpaceReclaimer::can_free_enough(std::size_t left) {
    auto space = TRY(storage::btrfs_space(top_->directory()));
    const auto now = space.for_metadata();
    if (!initial_space_) initial_space_ = now;
    if (deleted_ < deletions_before_estimate) return true;
    const auto freed = now.count > initial_space_->count ? now.count - initial_space_->count : 0;
    const auto enough =
        can_balance_data(space) ? space.exchange.count / exchange_by_balance : space.exchange.count;
    if (now.count + freed / deleted_ * left >= enough) return true;
    log("the deleted snapshots have freed too little; no more are deleted");
    return false;
}

Expected<bool> SpaceReclaimer::delete_next_snapshot() {
    auto snapshots = TRY(list_snapshots(*top_));
    const auto expendable = expendable_snapshots(snapshots, keep_);
    if (auto enough = can_free_enough(expendable.size()); !enough || !*enough) return enough;
    for (const auto number : expendable) {
        if (std::ranges::find(kept_, number) != kept_.end()) continue;
        auto reason = TRY(reason_to_keep(*top_, number));
        if (!reason.empty()) {
            log("kept: " + reason);
            kept_.push_back(number);
            continue;
        }
        const auto type = std::ranges::find(snapshots, number, &Snapshot::number)->type;
        log("the card is full; deleting snapshot " + to_text(number) + " (type " +
            std::string(name_of(type)) + ") to free space");
        TRY(delete_subvolume_and_info(*top_, number), "snapshot " + to_text(number));
        ++deleted_;
        return wait_for_space();
    }
    return false;
}

Expected<bool> SpaceReclaimer::wait_for_space() {
    TRY(storage::wait_for_freed_space(top_->directory(), [this](std::size_t left) {
        log("waiting until the card has freed the space of " + std::to_string(left) +
            (left == 1 ? " deleted subvolume" : " deleted subvolumes"));
    }));
    return true;
}

std::vector<Number> expendable_snapshots(const std::vector<Snapshot>& snapshots,
                                         const std::optional<Target>& keep) {
    constexpr std::array types{SnapshotType::time, SnapshotType::pre, SnapshotType::post};
    auto oldest_first = snapshots;
    std::ranges::sort(oldest_first, {}, &Snapshot::number);
    std::vector<Number> expendable;
    for (const auto type : types)
        for (const auto& snapshot : oldest_first)
            // Without a readable info file it is unknown whether a user made it.
            if (snapshot.type == type && snapshot.usable() && snapshot.info_warning.empty() &&
                keep != Target(snapshot.number))
                expendable.push_back(snapshot.number);
    return expendable;
}

}  // namespace mox::snapshots
