#pragma once

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Deletes snapshot `number` and its info file; on a full card in place (changes.cpp tells what a power cut
/// leaves), and with the limits of quota groups lifted when one is reached. When the card is nearly full, the
/// space is free again on return. Not synced otherwise. Precondition: the caller holds the lock, and knows
/// that the snapshot may go. Errors (`card`).
[[nodiscard]] Expected<void> delete_subvolume_and_info(const TopLevel& top, Number number);

}  // namespace mox::snapshots
