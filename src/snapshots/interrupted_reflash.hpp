#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/reflash_record.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

// The card's side of a re-flash (modes 4 and 6; its steps are told at the top of modes/install.cpp).
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
