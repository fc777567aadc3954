#pragma once

#include <chrono>

#include "led_decoder/rescue_state_tracker.hpp"

namespace mox::led_decoder {

/// Wants one mode. By default the person of the manual's sample scenario. Acts on what the LED shows, never
/// by the clock.
struct UserModel {
    int wanted_mode = 4;
    int missed_mode =
        3;  ///< its first announcement is missed, the second one is objected to; 0: none is missed

    /// From understanding an announcement to pressing, and from pressing to letting go.
    std::chrono::milliseconds reaction{600};
    std::chrono::milliseconds press_length{200};

    /// Whether the button gets pressed after this announcement.
    [[nodiscard]] constexpr bool objects_to(const Announced& announced) const {
        if (announced.mode == wanted_mode) return false;
        return announced.mode != missed_mode || announced.repetition >= 2;
    }
};

}  // namespace mox::led_decoder
