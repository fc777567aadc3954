#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "virtual_mox/board_event.hpp"

namespace mox::board_test {

/// One of the lengths that the LED's language knows, and how long it really was, each time.
struct RhythmPart {
    std::string name;
    std::chrono::milliseconds nominal;
    std::vector<std::chrono::duration<double>> measured;
};

/// What was measured between `from` and `until` (Machine::board_clock): blinks and gaps of announcements, the
/// darkness around them, the pauses after them, the slow blinking. A length that a press has cut short is
/// left out. Lengths that belong to nothing are an "unknown" part with the nominal length 0. Nominal lengths:
/// facts "How the shipped shell implementation behaves", manual "about 3 seconds".
[[nodiscard]] std::vector<RhythmPart> measure_rhythm(virtual_mox::LedHistory& led,
                                                     virtual_mox::ButtonHistory& button,
                                                     Clock::time_point from, Clock::time_point until);

/// The middle one of the measured lengths.
[[nodiscard]] std::chrono::duration<double> median(RhythmPart part);

/// "blink 0.2 s: 0.199 s to 0.204 s, 14 times".
[[nodiscard]] std::string to_text(const RhythmPart& part);

}  // namespace mox::board_test
