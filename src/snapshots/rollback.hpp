#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/hooks.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/space_reclaimer.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

struct RollbackResult {
    Target target;
    /// The snapshot of type rollback that holds the previous system; nullopt: there was no `@`, or see
    /// `postponed`.
    std::optional<Number> saved_as;
    /// Not empty: message why the previous system has no number yet. It is complete on the full card, and the
    /// next writer that finds free space makes it a snapshot.
    std::string postponed;
    /// Paths of the subvolumes inside the previous system and inside the target; they stay there.
    std::vector<std::string> left_behind{};
    std::vector<std::string> left_in_target{};
};

/// Messages: one line for each subvolume that is not in the new root, with its name and its place. Pure.
[[nodiscard]] std::vector<std::string> lines_about_nested(const RollbackResult& result);

/// Makes `@` a writable copy of the target, also of a read-only one, and archives the old `@` as the next
/// snapshot. Takes effect at the next boot. A power cut at any time leaves the complete old or new system;
/// the next Writer completes or undoes the rest. Ends a pending savepoint.
///
/// It writes only a little metadata. On a card that is too full even for that SpaceReclaimer frees space, and
/// `log` receives what it deletes. The target is never deleted.
///
/// Subvolumes inside `@` (containers, for example) stay in the old root, that is, in the new snapshot; the
/// new root has empty directories in their places, as every snapshot has. Errors: `snapshot` when the target
/// is missing or damaged (the message lists what exists); `card` when it cannot be written; then `@` is
/// unchanged.
[[nodiscard]] Expected<RollbackResult> roll_back(const Writer& writer, const Target& target,
                                                 const HookSettings& hooks = {}, const ReclaimLog& log = {});

// The last steps of a rollback; the rollback or the next writer calls them. Each may be interrupted and
// called again.

/// Makes `@rollback.new` the next snapshot, of type rollback; removes a pending savepoint and the journal.
/// Without a journal the description is "Found after an interrupted rollback". Errors: `card`.
[[nodiscard]] Expected<Number> archive_old_root(const TopLevel& top,
                                                const std::optional<RollbackJournal>& journal);

/// Makes `@rollback.new` the root of a card without `@`. Errors: `card`.
[[nodiscard]] Expected<void> activate_new_root(const TopLevel& top);

/// Removes `@rollback.new` and the journal. Errors: `card`.
[[nodiscard]] Expected<void> undo_rollback(const TopLevel& top);

/// Removes the journal and the pending savepoint with its reserve: the rollback is complete. Errors: `card`.
[[nodiscard]] Expected<void> complete_rollback(const TopLevel& top);

/// The uuid of a subvolume at the top level; nullopt: it does not exist. Errors: `card`.
[[nodiscard]] Expected<std::optional<storage::Uuid>> uuid_of(int top, const std::string& name);

/// The target of `rollback` without a number and of mode 2: one step back, as the shell version in the field
/// does.
///
/// The walk goes from the newest usable snapshot down. A snapshot of type rollback is the system that a
/// rollback replaced: it is never the target, and all numbers from its own down to `roll_to`, both included,
/// are skipped, other rollbacks between them too. The first one left is the target; `factory` when none is
/// left, or when the walk meets a rollback to `factory`. So repeated rollbacks always go further back and
/// never alternate between two states. For a rollback without a known `roll_to` only its own number is
/// skipped. `snapshots` in any order.
[[nodiscard]] Target one_step_back(const std::vector<Snapshot>& snapshots);

}  // namespace mox::snapshots
