#pragma once

#include "base/error.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

// Room on the card that is kept free for the rollback of a savepoint: the subvolume `@savepoint.reserve`,
// full of metadata that means nothing. A rollback writes metadata only, and how much the kernel demands to be
// free for it depends on the size of its tree nodes alone.

/// Makes the reserve, unless it is there. Where room is short it waits first until the space of what was
/// deleted, an earlier reserve above all, is really free. Errors (`card`): there is no room; then nothing of
/// it is left.
[[nodiscard]] Expected<void> make_savepoint_reserve(const TopLevel& top);

[[nodiscard]] bool has_savepoint_reserve(const TopLevel& top);

/// Deletes it if it is there; the space comes back later. Errors (`card`).
[[nodiscard]] Expected<void> delete_savepoint_reserve(const TopLevel& top);

}  // namespace mox::snapshots
