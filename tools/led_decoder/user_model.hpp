#pragma once

#include <chrono>

#include "led_decoder/rescue_state_tracker.hpp"

namespace mox::led_decoder {

/// A user who wants one mode; by default the one of the manual's sample scenario. Acts on the LED only, not
/// by the clock.
struct UserModel {
    int wanted_mode = 4;
    int missed_mode =
        3;  ///< its first announcement is missed, the second one is objected to; 0: none is missed

    /// The time from the end of an announcement to the press, and from the press to the release.
    std::chrono::milliseconds reaction{600};
    std::chrono::milliseconds press_length{200};

    /// Whether the user presses the button after this announcement.
    [[nodiscard]] constexpr bool objects_to(const Announced& announced) const {
        if (announced.mode == wanted_mode) return false;
        return announced.mode != missed_mode || announced.repetition >= 2;
    }
};

}  // namespace mox::led_decoder
