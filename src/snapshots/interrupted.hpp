#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Completes or undoes what a power cut or SIGKILL interrupted: re-flash, rollback, create, delete. The cases
/// are told in the sources of each. Subvolumes of others are left alone. Returns what was done, for
/// people. What needs more room than a full card has is left for later, which is no error: deleting must
/// always be possible. Precondition: the caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<std::vector<std::string>> finish_or_undo_interrupted(const TopLevel& top);

/// The part of it that is about rollbacks; adds what was done to `repairs`. Needs room when the system before
/// the rollback has no number yet. Precondition: the caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<void> settle_rollback(const TopLevel& top, std::vector<std::string>& repairs);

}  // namespace mox::snapshots
