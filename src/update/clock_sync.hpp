#pragma once

#include <chrono>
#include <optional>

#include "update/context.hpp"

namespace mox::update {

/// Moves the clock and the hardware clock forward when they are behind a time that has certainly passed: the
/// one at which this rescue system was built, and `passed` (the newest file of a medkit that is trusted). A
/// router without a battery starts in 1970, where no certificate is valid yet and snapshots have odd dates.
/// Only in the rescue image: elsewhere somebody else minds the clock. What does not work is logged.
void advance_clock(const Context& context, std::optional<std::chrono::sys_seconds> passed = std::nullopt);

}  // namespace mox::update
