// Rollback, and what a power cut leaves behind after each step:
//   0. journal: target and uuid of the old root          old system boots; next writer forgets the journal
//   1. snapshot target -> @rollback.new (writable),
//      hooks, sync                                        old system boots; next writer deletes @rollback.new
//   2. exchange @ <-> @rollback.new, sync                 new system boots; next writer files the old one
//   3. write N.info, rename @rollback.new -> @N,
//      remove the journal, sync                           done
// The kernel never commits step 1 without step 0, nor step 2 before the sync of step 1.
// On which side of step 2 we are is told by the uuid in the journal (rollback_journal.hpp). A card without
// `@` (other tools rename it away first) gets one: then step 2 is a rename, and there is nothing to file.
//
// A full card: all of this is metadata. Where not even that has room, the step is tried again after each step
// of making room (room.hpp), which keeps contracts of its own: a snapshot is deleted as in changes.cpp, a
// rescue log is there or not, and with the moving of data the kernel goes on at the next mount. When nothing
// may be deleted any more, everything is undone; but after step 2 the rollback has happened, and the old root
// keeps its temporary name until a writer finds room.
//
// The old root stays writable: it is the running system until the next boot. Subvolumes inside it stay there.

#include "snapshots/rollback.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "snapshots/deletion.hpp"
#include "snapshots/description.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/interrupted.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

Expected<RollbackJournal> plan(const TopLevel& top, const Target& target) {
    const std::string root(root_name);
    auto old_root = TRY(uuid_of(top.directory(), root));
    if (!old_root && entry_exists(top.directory(), root))
        return fail(ErrorKind::snapshot,
                    "@ is there but no subvolume: this card is not laid out for snapshots");
    return RollbackJournal{.target = target, .old_root = old_root, .created = created_now()};
}

Expected<void> snapshot_of_target(const TopLevel& top, const Target& target) {
    return storage::snapshot_subvolume(top.directory(), subvolume_of(target), new_root_name,
                                       storage::Access::writable);
}

/// Steps 0 and 1.
Expected<void> build_new_root(const TopLevel& top, const RollbackJournal& journal, const HookSettings& hooks,
                              RoomMaker& room) {
    const int directory = top.directory();
    TRY(room.make_room_for<void>(
        [&] { return write_link(directory, std::string(journal_name), format_journal(journal)); }));
    TRY(room.make_room_for<void>([&] { return snapshot_of_target(top, journal.target); }));
    auto info = TRY(storage::subvolume_info(directory, new_root_name));
    run_rollback_hooks(hooks, top.device(), info.id);
    return storage::sync_filesystem(directory);
}

/// Step 2.
Expected<void> exchange_roots(const TopLevel& top, RoomMaker& room) {
    return room.make_room_for<void>(
        [&] { return storage::exchange(top.directory(), root_name, new_root_name); });
}

std::unexpected<Error> undone(const TopLevel& top, Expected<void>&& failed) {
    // What cannot be undone now, on a full or failing card, the next writer undoes.
    [[maybe_unused]] const auto by_us = undo_rollback(top);
    return pass_on(std::move(failed), "the rollback failed, and the system is as it was");
}

/// A rollback before this one whose end had no room.
Expected<void> settle_earlier_rollback(const TopLevel& top, RoomMaker& room, const RoomLog& told) {
    if (!entry_exists(top.directory(), std::string(new_root_name))) return {};
    std::vector<std::string> repairs;
    auto settled = room.make_room_for<void>([&] { return settle_rollback(top, repairs); });
    for (const auto& repair : repairs)
        if (told) told(repair);
    return settled;
}

/// Step 3. The system is rolled back whether that works or not.
Expected<void> file_replaced_root(const TopLevel& top, const RollbackJournal& journal, RoomMaker& room,
                                  RollbackResult& result) {
    auto number = room.make_room_for<Number>([&] { return archive_old_root(top, journal); });
    if (number)
        result.saved_as = *number;
    else if (is_full(number.error()))
        result.postponed = number.error().describe();
    else
        return pass_on(number,
                       "rolled back, but the old system is not filed as a snapshot yet (the next call does)");
    return {};
}

/// Only told, so that not knowing it stops no rollback.
std::vector<std::string> nested_in(const TopLevel& top, const std::string& name) {
    return nested_names(top, name).value_or(std::vector<std::string>());
}

}  // namespace

std::vector<std::string> lines_about_nested(const RollbackResult& result) {
    std::vector<std::string> lines;
    for (const auto& name : result.left_behind)
        lines.push_back("/" + name + " is a subvolume of its own and stays behind in the state before" +
                        (result.saved_as ? ", snapshot " + to_text(*result.saved_as) : ""));
    const bool numbered = std::holds_alternative<Number>(result.target);
    for (const auto& name : result.left_in_target)
        lines.push_back("/" + name + " is a subvolume of its own and stays in " +
                        (numbered ? "snapshot " : "") + to_text(result.target) +
                        "; the new system has an empty directory in its place");
    return lines;
}

Expected<RollbackResult> roll_back(const Writer& writer, const Target& target, const HookSettings& hooks,
                                   const RoomLog& told) {
    const auto& top = writer.top();
    TRY(require_usable(top, target));
    TRY(require_readable(top, target));
    RoomMaker room(top, target, told);
    TRY(settle_earlier_rollback(top, room, told));
    TRY(next_number(top));
    auto journal = TRY(plan(top, target));

    RollbackResult result{.target = target,
                          .saved_as = {},
                          .postponed = {},
                          .left_behind = nested_in(top, std::string(root_name)),
                          .left_in_target = nested_in(top, subvolume_of(target))};
    if (auto built = build_new_root(top, journal, hooks, room); !built) return undone(top, std::move(built));
    if (!journal.old_root) {
        TRY(room.make_room_for<void>([&] { return activate_new_root(top); }),
            "the new root could not be put in place");
        return result;
    }
    if (auto switched = exchange_roots(top, room); !switched) return undone(top, std::move(switched));
    if (auto synced = storage::sync_filesystem(top.directory()); !synced)
        return pass_on(synced, "rolled back, but the card does not confirm it");
    TRY(file_replaced_root(top, journal, room, result));
    return result;
}

namespace {

SnapshotInfo info_of_old_root(const std::optional<RollbackJournal>& journal) {
    SnapshotInfo info{.type = SnapshotType::rollback,
                      .description = {},
                      .created = created_now(),
                      .roll_to = {},
                      .other = {},
                      .trouble = {}};
    if (!journal) {
        info.description = "Found after an interrupted rollback";
        return info;
    }
    info.roll_to = journal->target;
    info.description = "Rollback to snapshot " + to_text(journal->target);
    if (!journal->created.empty()) info.created = journal->created;
    return info;
}

}  // namespace

Expected<Number> archive_old_root(const TopLevel& top, const std::optional<RollbackJournal>& journal) {
    const int directory = top.directory();
    auto number = TRY(next_number(top));
    // First the info file: it must not be missing from a snapshot, and one without a snapshot does no harm.
    TRY(write_info_on_any_card(directory, number, info_of_old_root(journal)));
    TRY(rename_entry(directory, std::string(new_root_name), subvolume_of(number)));
    TRY(forget_rollback(top));
    return number;
}

Expected<void> activate_new_root(const TopLevel& top) {
    TRY(rename_entry(top.directory(), std::string(new_root_name), std::string(root_name)));
    return forget_rollback(top);
}

Expected<void> undo_rollback(const TopLevel& top) {
    const int directory = top.directory();
    if (storage::is_subvolume(directory, new_root_name))
        TRY(storage::delete_subvolume(directory, new_root_name));
    // Not before the subvolume is gone for good: without the journal nobody would know what it is.
    TRY(storage::sync_filesystem(directory));
    return remove_file(directory, std::string(journal_name));
}

Expected<void> forget_rollback(const TopLevel& top) {
    const int directory = top.directory();
    TRY(remove_file(directory, std::string(savepoint_name)));
    TRY(delete_savepoint_reserve(top));
    TRY(remove_file(directory, std::string(journal_name)));
    return storage::sync_filesystem(directory);
}

Expected<std::optional<storage::Uuid>> uuid_of(int top, const std::string& name) {
    if (!storage::is_subvolume(top, name)) return std::nullopt;
    auto info = TRY(storage::subvolume_info(top, name));
    return info.uuid;
}

Target one_step_back(const std::vector<Snapshot>& snapshots) {
    auto newest_first = snapshots;
    std::ranges::sort(newest_first, std::ranges::greater(), &Snapshot::number);

    Number below{highest_number.value + 1};
    for (const auto& snapshot : newest_first) {
        if (!snapshot.usable() || snapshot.number >= below) continue;
        if (snapshot.type != SnapshotType::rollback) return snapshot.number;
        if (!snapshot.roll_to) continue;
        const auto* const number = std::get_if<Number>(&*snapshot.roll_to);
        if (number == nullptr) return Factory{};  // behind which there is nothing
        below = *number;
    }
    return Factory{};
}

}  // namespace mox::snapshots
