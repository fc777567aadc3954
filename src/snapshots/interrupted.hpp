#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/reflash_record.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Completes or undoes what a power cut or SIGKILL interrupted: re-flash, rollback, create, delete. The cases
/// are told in the sources of each. Subvolumes of others are left alone. Returns what was done, for
/// people. What needs more room than a full card has is left for later, which is no error: deleting must
/// always be possible. Precondition: the caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<std::vector<std::string>> finish_or_undo_interrupted(const TopLevel& top);

/// The part of it that is about rollbacks; adds what was done to `repairs`. Needs room when the system before
/// the rollback has no number yet. Precondition: the caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<void> settle_rollback(const TopLevel& top, std::vector<std::string>& repairs);

// The card's side of a re-flash (modes 4 and 6; its steps are told at the top of update/install.cpp).
// Precondition of all: the caller holds the lock of the card.

/// Records what is on the card now as that which the re-flash replaces, and what `@reflash.new` and
/// `@reflash.factory` are. On the disk when this returns. Precondition: both are there. Errors: `card`.
[[nodiscard]] Expected<void> write_reflash_record(const TopLevel& top);

/// Makes `@factory` what `@reflash.factory` is, in one atomic step; an old `@factory` takes the other name.
/// Errors: `card`.
[[nodiscard]] Expected<void> publish_new_factory(int top);

struct SettledReflash {
    ReflashOutcome outcome = ReflashOutcome::none;
    /// For people: what was done ("an interrupted re-flash was undone").
    std::vector<std::string> repairs{};
};

/// Does what plan_reflash_repair decides about what an interrupted re-flash left, and forgets its record.
/// May be cut off and called again. Errors: `card`.
[[nodiscard]] Expected<SettledReflash> settle_interrupted_reflash(const TopLevel& top);

}  // namespace mox::snapshots
