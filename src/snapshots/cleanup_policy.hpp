#pragma once

#include <vector>

#include "snapshots/configuration.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// What `cleanup` deletes, oldest first: of each type all but the newest so many. `updater` counts `pre` and
/// `post` each for itself, so that the pairs of the last updates stay together. Damaged snapshots are left
/// alone and do not count; savepoints are ended by `commit`, not by cleaning up. `snapshots` in any order.
[[nodiscard]] std::vector<Number> superfluous_snapshots(const std::vector<Snapshot>& snapshots,
                                                        const KeepLimits& limits);

}  // namespace mox::snapshots
