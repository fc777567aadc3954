#pragma once

#include <chrono>
#include <vector>

#include "base/units.hpp"

namespace mox::board {

/// The LED is on or off for a while.
struct LedStep {
    bool lit = false;
    Clock::duration length{};

    bool operator==(const LedStep&) const = default;
};

/// How the LED tells an error's code: N blinks, then a long darkness, for ever. An announcement ends with the
/// LED on for seconds; an error never shows it on for longer than a blink.
struct ErrorRhythm {
    Clock::duration on = std::chrono::milliseconds(200);
    Clock::duration off = std::chrono::milliseconds(300);
    Clock::duration dark = std::chrono::seconds(2);

    /// One round, to be shown again and again after a first `dark`. Precondition: `code` is positive.
    [[nodiscard]] std::vector<LedStep> round(int code) const;
};

}  // namespace mox::board
