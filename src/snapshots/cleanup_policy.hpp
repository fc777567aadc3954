#pragma once

#include <functional>
#include <vector>

#include "base/error.hpp"
#include "snapshots/configuration.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// What `cleanup` deletes, oldest first: of each type all but the newest so many. `updater` counts `pre` and
/// `post` each for itself, so that the pairs of the last updates stay together. Damaged snapshots are left
/// alone and do not count; savepoints are ended by `commit`, not by cleaning up. `snapshots` in any order.
[[nodiscard]] std::vector<Number> superfluous_snapshots(const std::vector<Snapshot>& snapshots,
                                                        const KeepLimits& limits);

/// Whether nothing changed between two snapshots. Errors: as the comparison has them.
using AreTheSame = std::function<Expected<bool>(const Snapshot& older, const Snapshot& newer)>;

/// What `cleanup --compare` deletes besides, lowest number first: each snapshot that is the same as the next
/// one, so that of a group without changes between its members the last one stays, as on routers in the
/// field. Those that a user made (single) or that wait for `commit` (save) stay in any case; damaged ones are
/// passed over. `are_the_same` is asked about neighbours only. `snapshots` by number, as listed. Errors:
/// those of `are_the_same`.
[[nodiscard]] Expected<std::vector<Number>> unchanged_snapshots(const std::vector<Snapshot>& snapshots,
                                                                const AreTheSame& are_the_same);

}  // namespace mox::snapshots
