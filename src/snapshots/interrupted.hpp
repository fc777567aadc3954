#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/reflash_record.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Completes or undoes what a power cut or SIGKILL interrupted: re-flash, rollback, create, delete. The
/// sources of each describe the cases. Foreign subvolumes are not changed. Returns messages about the
/// repairs. A repair that needs more space than a full card has is postponed, which is not an error: deleting
/// must always be possible. Precondition: the caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<std::vector<std::string>> recover_interrupted(const TopLevel& top);

/// The part of recover_interrupted for rollbacks; adds its messages to `repairs`. Needs free space when the
/// system before the rollback has no number yet. Precondition: the caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<void> recover_rollback(const TopLevel& top, std::vector<std::string>& repairs);

// The part of a re-flash that changes the card's subvolumes (modes 4 and 6; update/install.cpp lists the
// steps). Precondition of all: the caller holds the lock of the card.

/// Writes the record: the present subvolumes of the card, which the re-flash replaces, and the identities of
/// `@reflash.new` and `@reflash.factory`. It is on the disk when this returns. Precondition: both exist.
/// Errors: `card`.
[[nodiscard]] Expected<void> write_reflash_record(const TopLevel& top);

/// Makes `@reflash.factory` the new `@factory` in one atomic step; an old `@factory` gets the other name.
/// Errors: `card`.
[[nodiscard]] Expected<void> publish_new_factory(int top);

struct RecoveredReflash {
    ReflashOutcome outcome = ReflashOutcome::none;
    /// Messages about the repairs ("an interrupted re-flash was undone").
    std::vector<std::string> repairs{};
};

/// Executes the repair that plan_reflash_repair returns for an interrupted re-flash, and removes its record.
/// It may be interrupted and called again. Errors: `card`.
[[nodiscard]] Expected<RecoveredReflash> recover_interrupted_reflash(const TopLevel& top);

}  // namespace mox::snapshots
