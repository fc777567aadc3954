#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/units.hpp"

namespace mox::board {

/// The LED is on or off for `length`.
struct LedStep {
    bool lit = false;
    Clock::duration length{};

    bool operator==(const LedStep&) const = default;
};

/// Where an error code was interrupted.
struct ErrorRhythmPosition {
    std::optional<std::size_t> step;  ///< of ErrorRhythm::round(); nullopt: the dark time before the first
    Clock::duration shown{};          ///< how long this step was shown
};

/// How the LED shows an error code: N blinks, then a long dark time, repeated without end. An announcement
/// ends with the LED lit for seconds; in an error code it is never lit for longer than a blink.
///
/// A group of blinks is never cut off by darkness, so that N blinks between two long dark times are always
/// the code.
struct ErrorRhythm {
    Clock::duration on = std::chrono::milliseconds(200);
    Clock::duration off = std::chrono::milliseconds(300);
    Clock::duration dark = std::chrono::seconds(2);
    /// After a press in the middle of a group: too long for a blink.
    Clock::duration noticed = std::chrono::seconds(1);

    /// The steps of one repetition. The caller shows `dark` once before the first. Precondition: `code` is
    /// positive.
    [[nodiscard]] std::vector<LedStep> round(int code) const;

    /// What the LED shows after a press, before the board reboots. Inside a group it is lit at once; after a
    /// whole group it stays dark until the code is complete.
    [[nodiscard]] std::vector<LedStep> before_reboot(int code, const ErrorRhythmPosition& pressed) const;

    /// What the LED shows before the slow blinking may follow: the rest of the group if one has begun,
    /// and `dark` as a whole.
    [[nodiscard]] std::vector<LedStep> rest_of_group(int code, const ErrorRhythmPosition& interrupted) const;
};

}  // namespace mox::board
