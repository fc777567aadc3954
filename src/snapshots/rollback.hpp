#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/hooks.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/room.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

struct RollbackResult {
    Target target;
    /// The state before, filed as a snapshot of type rollback; none: there was no `@`, or see `postponed`.
    std::optional<Number> saved_as;
    /// Not empty: why the state before has no number yet. It is complete on the full card, and the next
    /// writer that finds room makes it a snapshot.
    std::string postponed;
    /// Subvolumes inside the state before, which stay in it; and inside the target, which stay there: their
    /// paths.
    std::vector<std::string> left_behind{};
    std::vector<std::string> left_in_target{};
};

/// For people: one line for each subvolume that is not in the new root, with its name and where it is. Pure.
[[nodiscard]] std::vector<std::string> lines_about_nested(const RollbackResult& result);

/// Makes `@` a writable copy of the target, whatever the target's flags, and files the old `@` as the next
/// snapshot. Takes effect at the next boot. A power cut at any instant leaves the complete old or new system;
/// what is unfinished then, the next Writer finishes or undoes. A pending savepoint is over.
///
/// It writes nothing but metadata, and little of it. A card that is too full even for that gets room as
/// RoomMaker does it; what is deleted is told to `told`. The target is never deleted.
///
/// Subvolumes inside `@` (containers, for example) stay in the old root, that is, in the new snapshot; the
/// new root has empty directories in their places, as every snapshot has. Errors: `snapshot` when the target
/// is missing or damaged (says what exists); `card` when it cannot be written; `@` is as it was then.
[[nodiscard]] Expected<RollbackResult> roll_back(const Writer& writer, const Target& target,
                                                 const HookSettings& hooks = {}, const RoomLog& told = {});

// How a rollback ends, by itself or at the hands of the next writer. Each may be cut off and called again.

/// Files what is in `@rollback.new` as the next snapshot, of type rollback; forgets a pending savepoint and
/// the journal. Without a journal the description says that it was found. Errors: `card`.
[[nodiscard]] Expected<Number> archive_old_root(const TopLevel& top,
                                                const std::optional<RollbackJournal>& journal);

/// Makes `@rollback.new` the root of a card that has none. Errors: `card`.
[[nodiscard]] Expected<void> activate_new_root(const TopLevel& top);

/// Removes `@rollback.new` and the journal. Errors: `card`.
[[nodiscard]] Expected<void> undo_rollback(const TopLevel& top);

/// Removes journal and pending savepoint with its reserve: the rollback is over. Errors: `card`.
[[nodiscard]] Expected<void> forget_rollback(const TopLevel& top);

/// The uuid of a subvolume at the top level; none: there is none of that name. Errors: `card`.
[[nodiscard]] Expected<std::optional<storage::Uuid>> uuid_of(int top, const std::string& name);

/// What `rollback` without a number and mode 2 choose: one step back, as the shell version in the field does.
///
/// The walk goes from the newest usable snapshot down. A snapshot of type rollback is the system that a
/// rollback replaced: it is never the target, and everything from its own number down to what it rolled back
/// to
/// (`roll_to`, included) is skipped, other rollbacks in between too. The first one left is the target;
/// `factory` when none is left, or when the walk meets a rollback to `factory`. So repeated rollbacks always
/// go further back and never alternate between two states. A rollback whose `roll_to` is not known skips only
/// itself. `snapshots` in any order.
[[nodiscard]] Target one_step_back(const std::vector<Snapshot>& snapshots);

}  // namespace mox::snapshots
