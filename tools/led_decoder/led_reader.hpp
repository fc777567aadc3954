#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/units.hpp"

namespace mox::led_decoder {

/// The patterns of the LED.
enum class Sign {
    dark,           ///< off for longer than between blinks
    lit,            ///< steadily on
    announcement,   ///< N blinks, then on: mode N is announced
    interrupted,    ///< N blinks, then another pattern: the announcement was interrupted
    slow_blinking,  ///< a mode is running
    error_code,     ///< N blinks, then dark for long
};

struct Reading {
    Sign sign = Sign::dark;
    int blinks = 0;          ///< of an announcement, an interrupted one and an error code
    Clock::time_point from;  ///< slow blinking and error codes go on after `until`
    Clock::time_point until;
};

/// Reads a LED as a user does: from its edges and the time between them. Pure; does not depend on the program
/// that drives the LED. The limits lie half-way between the lengths of the manual and its implementations, so
/// that delays of a tenth of a second do no harm.
class LedReader {
public:
    /// A blink of an announcement or an error code is 0.2 s, one of the slow blinking 0.5 s.
    static constexpr std::chrono::milliseconds longest_blink{350};
    /// Between two blinks it is dark for 0.2 or 0.3 s; after the last one for 0.5 s and more.
    static constexpr std::chrono::milliseconds longest_gap{400};
    /// The slow blinking is 0.5 s on, 0.5 s off; a steady light or darkness is longer.
    static constexpr std::chrono::milliseconds longest_slow_blink{750};
    /// An announcement goes on after 0.5 s (0.7 s with the last gap), an error code stays dark for 2 s.
    static constexpr std::chrono::milliseconds error_pause{1200};

    /// The LED is off at `start`.
    explicit LedReader(Clock::time_point start) : since_(start) {}

    /// The LED has changed. Calls that repeat its state are ignored.
    [[nodiscard]] std::vector<Reading> changed(bool lit, Clock::time_point at);

    /// The LED has not changed up to `now`, which completes some patterns.
    [[nodiscard]] std::vector<Reading> waited(Clock::time_point now);

    /// When `waited` may return a reading; nullopt: not before the next change.
    [[nodiscard]] std::optional<Clock::time_point> next_due() const;

private:
    void went_on(Clock::time_point at, std::vector<Reading>& readings);
    void went_off(Clock::time_point at, std::vector<Reading>& readings);
    void end_group(Sign sign, Clock::time_point at, std::vector<Reading>& readings);

    bool lit_ = false;
    Clock::time_point since_;

    int blinks_ = 0;  ///< of the group that is being counted
    bool group_is_closed_ = false;
    Clock::time_point group_start_;
    std::optional<int> shown_error_;

    int slow_blinks_ = 0;
    Clock::time_point slow_start_;
};

}  // namespace mox::led_decoder
