#pragma once

#include <vector>

#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// What `rollback` without a number chooses, one step back: the newest usable snapshot that is not itself the
/// backup of a rollback; and if the newest of all is such a backup, one that is older than what was rolled
/// back to then. `factory` when nothing is left. `snapshots` by number, as listed.
[[nodiscard]] Target one_step_back(const std::vector<Snapshot>& snapshots);

}  // namespace mox::snapshots
