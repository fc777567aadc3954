#pragma once

#include <optional>
#include <vector>

#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// Which snapshots may be deleted to make room on a full card, and in which order: those that were made by
/// themselves, first all of type time, then pre, then post, of each type the oldest first. Never `keep` (the
/// target of a rollback), never what a user made by hand (single, save), and never the state before a
/// rollback: the user's files of that time are nowhere else. `snapshots` in any order.
[[nodiscard]] std::vector<Number> expendable_snapshots(const std::vector<Snapshot>& snapshots,
                                                       const std::optional<Target>& keep);

}  // namespace mox::snapshots
