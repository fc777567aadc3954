#pragma once

#include <vector>

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// All snapshots, by number, without waiting for writers: what is being made or removed right now is there or
/// not. `@N` that are no subvolumes, and symbolic links, are in the list as damaged; nothing is followed.
/// Errors (`card`): the top level cannot be read.
[[nodiscard]] Expected<std::vector<Snapshot>> list_snapshots(const TopLevel& top);

/// The same, for choosing one to roll back to: those that hold nothing (what an interrupted import of other
/// tools leaves) are in the list as damaged too. Errors (`card`).
[[nodiscard]] Expected<std::vector<Snapshot>> list_targets(const TopLevel& top);

/// One of them. Errors (`snapshot`): there is none of that number; the message says which there are.
[[nodiscard]] Expected<Snapshot> find_snapshot(const TopLevel& top, Number number);

[[nodiscard]] bool has_factory(const TopLevel& top);

/// Errors (`snapshot`) unless `target` can be rolled back to, compared or mounted; the message says what can.
[[nodiscard]] Expected<void> require_usable(const TopLevel& top, const Target& target);

/// The number after the highest `@N`, damaged ones included; those whose info file cannot be written because
/// of a directory in its place are passed over. Errors (`snapshot`): there is no higher one.
[[nodiscard]] Expected<Number> next_number(const TopLevel& top);

}  // namespace mox::snapshots
