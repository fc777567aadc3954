#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

// How a rollback ends, by itself or at the hands of the next writer. Each may be cut off and called again.

/// Files what is in `@rollback.new` as the next snapshot, of type rollback; forgets a pending savepoint and
/// the journal. Without a journal the description says that it was found. Errors: `card`.
[[nodiscard]] Expected<Number> file_old_root(const TopLevel& top,
                                             const std::optional<RollbackJournal>& journal);

/// Makes `@rollback.new` the root of a card that has none. Errors: `card`.
[[nodiscard]] Expected<void> become_root(const TopLevel& top);

/// Removes `@rollback.new` and the journal. Errors: `card`.
[[nodiscard]] Expected<void> undo_rollback(const TopLevel& top);

/// Removes journal and pending savepoint with its reserve: the rollback is over. Errors: `card`.
[[nodiscard]] Expected<void> forget_rollback(const TopLevel& top);

/// The uuid of a subvolume at the top level; none: there is none of that name. Errors: `card`.
[[nodiscard]] Expected<std::optional<storage::Uuid>> uuid_of(int top, const std::string& name);

}  // namespace mox::snapshots
