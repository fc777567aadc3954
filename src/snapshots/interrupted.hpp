#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Completes or undoes what a power cut or SIGKILL interrupted: rollback, create, delete. The cases are told
/// in the sources of each. Subvolumes of others (`@reflash.*`) are left alone. Returns what was done, for
/// people. Precondition: the caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<std::vector<std::string>> finish_or_undo_interrupted(const TopLevel& top);

}  // namespace mox::snapshots
