#pragma once

#include <vector>

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// All snapshots, sorted by number, without waiting for writers: a snapshot that a writer makes or removes at
/// this moment may be in the list or not. `@N` that are not subvolumes, and symbolic links, are in the list
/// as damaged; links are not followed. Errors (`card`): the top level cannot be read.
[[nodiscard]] Expected<std::vector<Snapshot>> list_snapshots(const TopLevel& top);

/// As list_snapshots, for the choice of a rollback target: empty ones (from an interrupted import of another
/// tool) are in the list as damaged too. Errors (`card`).
[[nodiscard]] Expected<std::vector<Snapshot>> list_targets(const TopLevel& top);

/// One snapshot. Errors (`snapshot`): the number does not exist; the message lists the existing ones.
[[nodiscard]] Expected<Snapshot> find_snapshot(const TopLevel& top, Number number);

[[nodiscard]] bool has_factory(const TopLevel& top);

/// Errors (`snapshot`) unless `target` can be rolled back to, compared or mounted; the message lists the
/// usable ones.
[[nodiscard]] Expected<void> require_usable(const TopLevel& top, const Target& target);

/// The number after the highest `@N`, damaged ones included. Skips numbers whose info file cannot be written
/// because it is a directory. Errors (`snapshot`): there is no higher number.
[[nodiscard]] Expected<Number> next_number(const TopLevel& top);

}  // namespace mox::snapshots
