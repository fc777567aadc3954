#include "snapshots/room.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

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

/// With less than this there is no room for files.
constexpr Bytes little_room = 8_MiB;

/// So many snapshots are deleted before it is judged by what they have freed whether more of them can help.
constexpr std::size_t deletions_before_judging = 5;

/// To move data, metadata of half the exchange's size must be free (Linux 6.18: 6.8 MB of 13.6 MB).
constexpr std::uint64_t exchange_by_move = 2;

/// Data block groups with room among them: the metadata can get the place of one.
bool has_data_to_move(const storage::BtrfsSpace& room) {
    return !room.mixed && room.data >= little_room;
}

/// Where the rescue system keeps its logs in `@` (update/rescue_log.hpp).
constexpr std::array rescue_log_folders{"var/log/mox-rescue", "etc/mox-rescue/log"};

/// As the installed system resolves it: `var -> /tmp` leads to its own tmp.
UniqueFd open_rescue_logs(int top, const char* folder) {
    const UniqueFd root(
        ::openat(top, std::string(root_name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return {};
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root.get(), folder, &how, sizeof how)));
}

std::string what_is_full(int directory) {
    const auto room = storage::btrfs_space(directory);
    if (!room) return "the card is full";
    const auto data = room->data + room->unallocated;
    const auto metadata = room->for_metadata();
    const auto wanted = to_text(room->exchange);
    if (room->mixed)
        return "the card is full (" + to_text(data) + " are free; btrfs may want " + wanted +
               " for a change of the snapshots)";
    const bool lacks_metadata = metadata < room->exchange;
    if (lacks_metadata && data >= little_room)
        return "the card has no room for metadata (" + to_text(metadata) + " are free, btrfs may want " +
               wanted + " for a change of the snapshots; for data " + to_text(data) + " are free)";
    if (data < little_room && !lacks_metadata)
        return "the card is full of data (" + to_text(data) + " are free, for metadata " + to_text(metadata) +
               ")";
    return "the card is full (" + to_text(data) + " are free for data, " + to_text(metadata) +
           " for metadata, of which btrfs may want " + wanted + " for a change of the snapshots)";
}

/// Each small file holds metadata, and what is in a snapshot as well is free only when that goes, too.
std::string what_to_delete(int directory, bool has_snapshots) {
    const auto room = storage::btrfs_space(directory);
    const bool lacks_metadata = room && room->for_metadata() < room->exchange;
    std::string files = lacks_metadata
                            ? "files that are not needed, first of all folders with many small ones"
                            : "files that are not needed";
    if (!has_snapshots) return files;
    return "snapshots that are not needed (`schnapps list` shows them, `schnapps delete N` deletes one), "
           "or " +
           files;
}

}  // namespace

bool is_full(const Error& error) {
    return error.reason() == ENOSPC || error.reason() == EDQUOT;
}

Error with_advice(const TopLevel& top, Error&& error) {
    if (!is_full(error)) return std::move(error);
    if (error.reason() == EDQUOT)
        return {error.kind(),
                error.describe() +
                    "; the limit of a quota group is reached (`btrfs qgroup show -re` shows which, "
                    "`btrfs qgroup limit none` takes it away)",
                error.reason()};
    const auto listed = list_snapshots(top);
    const bool has_some = listed && !listed->empty();
    return {error.kind(),
            error.describe() + "; " + what_is_full(top.directory()) + ". Delete " +
                what_to_delete(top.directory(), has_some),
            error.reason()};
}

RoomMaker::RoomMaker(const TopLevel& top, std::optional<Target> keep, RoomLog log)
    : top_(&top), keep_(keep), log_(std::move(log)) {}

void RoomMaker::tell(const std::string& line) const {
    if (log_) log_(line);
}

Expected<bool> RoomMaker::free_more(const Error& why) {
    if (why.reason() == EDQUOT && !lifted_)
        if (auto lifted = lift_limits(); !lifted || *lifted) return lifted;
    while (step_ != Step::nothing) {
        auto freed = TRY(take(step_));
        // There are many snapshots and block groups; each of the others is one step.
        const bool is_over = step_ != Step::data && step_ != Step::snapshots && step_ != Step::data_once_more;
        if (!freed || is_over) step_ = static_cast<Step>(static_cast<int>(step_) + 1);
        if (freed) return true;
    }
    return false;
}

Expected<bool> RoomMaker::take(Step step) {
    switch (step) {
        case Step::what_was_deleted: {
            auto pending = TRY(storage::subvolumes_being_freed(top_->directory()));
            if (pending == 0) return false;
            tell("the card is full; waiting for the space of what was deleted before");
            return wait_for_space();
        }
        case Step::savepoint_reserve:
            return delete_reserve();
        case Step::rescue_logs:
            return delete_rescue_logs();
        case Step::data:
        case Step::data_once_more:
            return move_data();
        case Step::snapshots:
            return delete_next_snapshot();
        case Step::nothing:
            return false;
    }
    return false;
}

Expected<bool> RoomMaker::lift_limits() {
    auto lifted = TRY(LiftedQuotaLimits::lift(*top_));
    const auto names = lifted.names();
    if (names.empty()) return false;
    tell("the limit of a quota group is reached; without its limit for now: " + names);
    lifted_.emplace(std::move(lifted));
    return true;
}

Expected<bool> RoomMaker::delete_reserve() {
    if (!has_savepoint_reserve(*top_)) return false;
    TRY(delete_savepoint_reserve(*top_));
    tell("the card is full; what the savepoint has reserved is used now");
    return wait_for_space();
}

Expected<bool> RoomMaker::delete_rescue_logs() {
    bool some = false;
    for (const auto* folder : rescue_log_folders) {
        const auto directory = open_rescue_logs(top_->directory(), folder);
        if (!directory) continue;
        auto names = TRY(names_in(directory.get()));
        std::ranges::sort(names);
        for (const auto& name : names) {
            if (!name.ends_with(".log")) continue;
            if (::unlinkat(directory.get(), name.c_str(), 0) != 0) return fail_errno(ErrorKind::card, name);
            tell("the card is full; the rescue log " + name + " was deleted to make room");
            some = true;
        }
    }
    if (!some) return false;
    return wait_for_space();
}

Expected<bool> RoomMaker::move_data() {
    auto room = TRY(storage::btrfs_space(top_->directory()));
    if (room.for_metadata() >= room.exchange || !has_data_to_move(room)) return false;
    tell("the card has no room for metadata; moving data together to make some");
    return storage::balance_data(top_->directory());
}

/// Snapshots that share nearly everything with the others free next to nothing: to delete all of them in vain
/// would only lose them.
Expected<bool> RoomMaker::can_suffice(std::size_t left) {
    auto room = TRY(storage::btrfs_space(top_->directory()));
    const auto now = room.for_metadata();
    if (!room_at_first_) room_at_first_ = now;
    if (deleted_ < deletions_before_judging) return true;
    const auto freed = now.count > room_at_first_->count ? now.count - room_at_first_->count : 0;
    const auto enough = has_data_to_move(room) ? room.exchange.count / exchange_by_move : room.exchange.count;
    if (now.count + freed / deleted_ * left >= enough) return true;
    tell("the snapshots that were deleted have freed too little: no more are deleted");
    return false;
}

Expected<bool> RoomMaker::delete_next_snapshot() {
    auto snapshots = TRY(list_snapshots(*top_));
    const auto expendable = expendable_snapshots(snapshots, keep_);
    if (auto enough = can_suffice(expendable.size()); !enough || !*enough) return enough;
    for (const auto number : expendable) {
        if (std::ranges::find(kept_, number) != kept_.end()) continue;
        auto reason = TRY(why_not_cleaned_up(*top_, number));
        if (!reason.empty()) {
            tell("kept: " + reason);
            kept_.push_back(number);
            continue;
        }
        const auto type = std::ranges::find(snapshots, number, &Snapshot::number)->type;
        tell("the card is full; deleting snapshot " + to_text(number) + " (type " +
             std::string(name_of(type)) + ") to make room");
        TRY(delete_subvolume_and_info(*top_, number), "snapshot " + to_text(number));
        ++deleted_;
        return wait_for_space();
    }
    return false;
}

Expected<bool> RoomMaker::wait_for_space() {
    TRY(storage::wait_for_freed_space(top_->directory(), [this](std::size_t left) {
        tell("waiting until the card has freed the space of " + std::to_string(left) +
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
            // Without a readable info file nobody knows who made it.
            if (snapshot.type == type && snapshot.usable() && snapshot.info_trouble.empty() &&
                keep != Target(snapshot.number))
                expendable.push_back(snapshot.number);
    return expendable;
}

}  // namespace mox::snapshots
