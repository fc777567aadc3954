#pragma once

#include <chrono>
#include <optional>

#include "update/context.hpp"

namespace mox::update {

/// Sets the clock and the hardware clock forward if they are earlier than a time that is certainly in the
/// past: the build time of this rescue system, and `passed` (the newest file of a trusted medkit). A router
/// without a battery starts in 1970: no certificate is valid then, and snapshots get wrong dates. Does this
/// only in the rescue image, because another system sets its clock itself. Logs failures as warnings.
void advance_clock(const Context& context, std::optional<std::chrono::sys_seconds> passed = std::nullopt);

}  // namespace mox::update
