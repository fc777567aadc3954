#pragma once

#include <chrono>
#include <vector>

#include "base/units.hpp"

namespace mox::board {

/// The LED is on or off for `length`.
struct LedStep {
    bool lit = false;
    Clock::duration length{};

    bool operator==(const LedStep&) const = default;
};

/// How the LED shows an error code: N blinks, then a long dark time, repeated without end. An announcement
/// ends with the LED lit for seconds; in an error code it is never lit for longer than a blink.
struct ErrorRhythm {
    Clock::duration on = std::chrono::milliseconds(200);
    Clock::duration off = std::chrono::milliseconds(300);
    Clock::duration dark = std::chrono::seconds(2);

    /// The steps of one repetition. The caller shows `dark` once before the first. Precondition: `code` is
    /// positive.
    [[nodiscard]] std::vector<LedStep> round(int code) const;
};

}  // namespace mox::board
