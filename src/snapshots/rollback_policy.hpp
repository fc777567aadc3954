#pragma once

#include <vector>

#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

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
