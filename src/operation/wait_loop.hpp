#pragma once

#include <span>

#include "base/error.hpp"
#include "board/button_source.hpp"
#include "operation/normal_operation.hpp"
#include "operation/signal_queue.hpp"

namespace mox::operation {

/// Waits for the button, which any of `sources` may tell of, for children and for the time, and tells
/// `operation`, until SIGTERM or SIGINT ends it. `signals` are those two and SIGCHLD. One call of poll(2)
/// without a time limit while nothing is under way: no wake-ups. Errors (`internal`): poll(2) fails.
[[nodiscard]] Expected<void> operate(std::span<board::ButtonSource* const> sources, SignalQueue& signals,
                                     NormalOperation& operation);

}  // namespace mox::operation
