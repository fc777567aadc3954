// Rollback, and what a power cut leaves behind after each step:
//   0. journal: target and uuid of the old root          old system boots; next writer removes the journal
//   1. snapshot target -> @rollback.new (writable),
//      hooks, sync                                        old system boots; next writer deletes @rollback.new
//   2. exchange @ <-> @rollback.new, sync                 new system boots; next writer archives the old one
//   3. write N.info, rename @rollback.new -> @N,
//      remove the journal, sync                           done
// The kernel never commits step 1 without step 0, nor step 2 before the sync of step 1. The uuid in the
// journal tells whether step 2 has happened (rollback_journal.hpp). A card without `@` (other tools rename it
// first) gets one: then step 2 is a rename, and there is no old root to archive.
//
// A full card: all of this is metadata. If not even metadata has free space, the step is repeated after each
// step of SpaceReclaimer, which has restart contracts of its own: a snapshot is deleted as in changes.cpp, a
// rescue log is deleted or not, and the kernel continues a balance at the next mount. When there is nothing
// left to delete, everything is undone; but after step 2 the rollback has happened, and the old root keeps
// its temporary name until a writer finds free space.
//
// The old root stays writable: it is the running system until the next boot. Subvolumes inside it stay in it.

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
                    "@ exists but is not a subvolume; this card has no layout for snapshots");
    return RollbackJournal{.target = target, .old_root = old_root, .created = created_now()};
}

Expected<void> snapshot_of_target(const TopLevel& top, const Target& target) {
    return storage::snapshot_subvolume(top.directory(), subvolume_of(target), new_root_name,
                                       storage::Access::writable);
}

/// Steps 0 and 1.
Expected<void> build_new_root(const TopLevel& top, const RollbackJournal& journal, const HookSettings& hooks,
                              SpaceReclaimer& reclaimer) {
    const int directory = top.directory();
    TRY(reclaimer.retry_with_more_space<void>(
        [&] { return write_link(directory, std::string(journal_name), format_journal(journal)); }));
    TRY(reclaimer.retry_with_more_space<void>([&] { return snapshot_of_target(top, journal.target); }));
    auto info = TRY(storage::subvolume_info(directory, new_root_name));
    run_rollback_hooks(hooks, top.device(), info.id);
    return storage::sync_filesystem(directory);
}

/// Step 2.
Expected<void> exchange_roots(const TopLevel& top, SpaceReclaimer& reclaimer) {
    return reclaimer.retry_with_more_space<void>(
        [&] { return storage::exchange(top.directory(), root_name, new_root_name); });
}

std::unexpected<Error> undone(const TopLevel& top, Expected<void>&& failed) {
    // If the undo fails, on a full or failing card, the next writer repeats it.
    [[maybe_unused]] const auto by_us = undo_rollback(top);
    return pass_on(std::move(failed), "the rollback failed, and the system is unchanged");
}

/// Completes an earlier rollback whose last step found no free space.
Expected<void> recover_earlier_rollback(const TopLevel& top, SpaceReclaimer& reclaimer,
                                        const ReclaimLog& log) {
    if (!entry_exists(top.directory(), std::string(new_root_name))) return {};
    std::vector<std::string> repairs;
    auto recovered = reclaimer.retry_with_more_space<void>([&] { return recover_rollback(top, repairs); });
    for (const auto& repair : repairs)
        if (log) log(repair);
    return recovered;
}

/// Step 3. The system is rolled back even if this step fails.
Expected<void> archive_replaced_root(const TopLevel& top, const RollbackJournal& journal,
                                     SpaceReclaimer& reclaimer, RollbackResult& result) {
    auto number = reclaimer.retry_with_more_space<Number>([&] { return archive_old_root(top, journal); });
    if (number)
        result.saved_as = *number;
    else if (is_full(number.error()))
        result.postponed = number.error().describe();
    else
        return pass_on(number,
                       "rolled back, but the old system is not a snapshot yet; the next call makes it one");
    return {};
}

/// Only for messages, so an error does not stop the rollback.
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
                                   const ReclaimLog& log) {
    const auto& top = writer.top();
    TRY(require_usable(top, target));
    TRY(require_readable(top, target));
    SpaceReclaimer reclaimer(top, target, log);
    TRY(recover_earlier_rollback(top, reclaimer, log));
    TRY(next_number(top));
    auto journal = TRY(plan(top, target));

    RollbackResult result{.target = target,
                          .saved_as = {},
                          .postponed = {},
                          .left_behind = nested_in(top, std::string(root_name)),
                          .left_in_target = nested_in(top, subvolume_of(target))};
    if (auto built = build_new_root(top, journal, hooks, reclaimer); !built)
        return undone(top, std::move(built));
    if (!journal.old_root) {
        TRY(reclaimer.retry_with_more_space<void>([&] { return activate_new_root(top); }),
            "the new root could not be activated");
        return result;
    }
    if (auto switched = exchange_roots(top, reclaimer); !switched) return undone(top, std::move(switched));
    if (auto synced = storage::sync_filesystem(top.directory()); !synced)
        return pass_on(synced, "rolled back, but the card does not confirm it");
    TRY(archive_replaced_root(top, journal, reclaimer, result));
    return result;
}

namespace {

SnapshotInfo info_of_old_root(const std::optional<RollbackJournal>& journal) {
    SnapshotInfo info{.type = SnapshotType::rollback,
                      .description = {},
                      .created = created_now(),
                      .roll_to = {},
                      .other = {},
                      .warning = {}};
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
    // First the info file: a snapshot must not be without one, and an info file without a snapshot does no
    // harm.
    TRY(write_info_or_link(directory, number, info_of_old_root(journal)));
    TRY(rename_entry(directory, std::string(new_root_name), subvolume_of(number)));
    TRY(complete_rollback(top));
    return number;
}

Expected<void> activate_new_root(const TopLevel& top) {
    TRY(rename_entry(top.directory(), std::string(new_root_name), std::string(root_name)));
    return complete_rollback(top);
}

Expected<void> undo_rollback(const TopLevel& top) {
    const int directory = top.directory();
    if (storage::is_subvolume(directory, new_root_name))
        TRY(storage::delete_subvolume(directory, new_root_name));
    // Only after the deletion is on the disk: without the journal the subvolume cannot be identified.
    TRY(storage::sync_filesystem(directory));
    return remove_file(directory, std::string(journal_name));
}

Expected<void> complete_rollback(const TopLevel& top) {
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
        if (number == nullptr) return Factory{};  // there is no older state
        below = *number;
    }
    return Factory{};
}

}  // namespace mox::snapshots
