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
///
/// Only whole groups of blinks are a number, because a reset, a press or the end of another pattern may cut a
/// group or a blink off:
///
/// - An announcement follows light (or an interrupted announcement) and 0.5 s of darkness, and after its 0.7
/// s
///   of darkness comes light.
/// - An error code stands between two long dark times. It has to be repeated if nothing of the rescue system
///   was seen before it, or if another code was shown before it.
/// - What is no whole group is an interrupted announcement if an announcement may have begun, else nothing.
class LedReader {
public:
    /// A blink of an announcement or an error code is 0.2 s, one of the slow blinking 0.5 s.
    static constexpr std::chrono::milliseconds longest_blink{350};
    /// What is shorter was cut off.
    static constexpr std::chrono::milliseconds shortest_blink{100};
    /// Between two blinks it is dark for 0.2 or 0.3 s; after the last one for 0.5 s and more.
    static constexpr std::chrono::milliseconds longest_gap{400};
    /// The slow blinking is 0.5 s on, 0.5 s off; a steady light is longer.
    static constexpr std::chrono::milliseconds longest_slow_blink{750};
    /// An announcement goes on after 0.5 s (0.7 s with the last gap); the slow blinking begins and ends with
    /// 0.75 s, and a boot loader is silent for longer.
    static constexpr std::chrono::milliseconds longest_border{820};
    /// In the selection it is dark for 1.2 s at most (0.7 s, and 0.5 s after a press), before and after an
    /// error code for 2 s.
    static constexpr std::chrono::milliseconds error_pause{1600};

    /// The LED is off at `start`.
    explicit LedReader(Clock::time_point start) : since_(start) {}

    /// The LED has changed. Calls that repeat its state are ignored.
    [[nodiscard]] std::vector<Reading> changed(bool lit, Clock::time_point at);

    /// The LED has not changed up to `now`, which completes some patterns.
    [[nodiscard]] std::vector<Reading> waited(Clock::time_point now);

    /// When `waited` may return a reading; nullopt: not before the next change.
    [[nodiscard]] std::optional<Clock::time_point> next_due() const;

private:
    /// Blinks with short dark times between them.
    struct Group {
        int blinks = 0;
        Clock::time_point start;
        Clock::duration dark_before{};
        Clock::duration dark_after{};  ///< valid when it is closed
        bool is_closed = false;        ///< by a dark time that is too long for a gap
        bool is_cut = false;           ///< one of the blinks is too short
        bool follows_rhythm = false;   ///< of slow blinking
    };

    void went_on(Clock::time_point at, std::vector<Reading>& readings);
    void went_off(Clock::time_point at, std::vector<Reading>& readings);
    void add_blink(Clock::duration length, std::vector<Reading>& readings);
    void add_slow_blink(Clock::time_point at, std::vector<Reading>& readings);
    void end_before_light(std::vector<Reading>& readings);
    void end_before_darkness(Clock::time_point now, std::vector<Reading>& readings);
    [[nodiscard]] bool may_be_announcement() const;
    [[nodiscard]] Clock::duration longest_darkness_unread() const;
    [[nodiscard]] Reading group_reading(Sign sign, Clock::time_point until) const;

    bool lit_ = false;
    Clock::time_point since_;
    Clock::duration dark_{};  ///< the newest dark time that has ended

    Group group_;  ///< the one that is being counted
    bool rescue_was_seen_ = false;
    bool announced_ = false;  ///< the newest light or darkness belongs to an announcement
    std::optional<int> shown_error_;
    std::optional<int> unproved_error_;  ///< counts if the next group is equal

    int slow_blinks_ = 0;
    Clock::time_point slow_start_;
};

}  // namespace mox::led_decoder
