#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "snapshots/card_lock.hpp"

namespace mox::snapshots {

/// "@backup.N": a subvolume in which an export or import works. Its directory is locked (flock) meanwhile.
inline constexpr std::string_view work_prefix = "@backup.";

/// Deletes what killed exports and imports left behind; returns the names. What a process works in stays, and
/// on a card that is too full for it what cannot be deleted yet. Errors (`card`).
[[nodiscard]] Expected<std::vector<std::string>> remove_stale_work(const Writer& writer);

}  // namespace mox::snapshots
