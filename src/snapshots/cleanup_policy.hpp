#pragma once

#include <functional>
#include <vector>

#include "base/error.hpp"
#include "snapshots/configuration.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// The snapshots that `cleanup` deletes, oldest first: of each type all but the newest ones within the limit.
/// `updater` limits `pre` and `post` separately, so that the pairs of the last updates stay together. Damaged
/// snapshots are kept and not counted; savepoints are ended by `commit`, not by a cleanup. `snapshots` in any
/// order.
[[nodiscard]] std::vector<Number> superfluous_snapshots(const std::vector<Snapshot>& snapshots,
                                                        const KeepLimits& limits);

/// Whether two snapshots have no differences. Errors: those of the comparison.
using AreTheSame = std::function<Expected<bool>(const Snapshot& older, const Snapshot& newer)>;

/// The snapshots that `cleanup --compare` deletes in addition, lowest number first: each snapshot that is the
/// same as the next one. So the last one of a group of equal snapshots stays, as on routers in the field.
/// Those that a user made (single) or that wait for `commit` (save) stay; damaged ones are skipped.
/// `are_the_same` is called only for neighbours. `snapshots` by number, as listed. Errors: those of
/// `are_the_same`.
[[nodiscard]] Expected<std::vector<Number>> unchanged_snapshots(const std::vector<Snapshot>& snapshots,
                                                                const AreTheSame& are_the_same);

}  // namespace mox::snapshots
