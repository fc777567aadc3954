#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "snapshots/card_lock.hpp"

namespace mox::snapshots {

/// "@backup.N": the work subvolume of an export or import, which holds a lock (flock) on its directory.
inline constexpr std::string_view work_prefix = "@backup.";

/// Deletes work subvolumes of killed exports and imports; returns their names. Keeps those that a process
/// uses, and those that cannot be deleted because the card is full or because they are mounted. Errors
/// (`card`).
[[nodiscard]] Expected<std::vector<std::string>> remove_stale_work(const Writer& writer);

}  // namespace mox::snapshots
