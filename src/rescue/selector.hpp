#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "base/units.hpp"
#include "boot/mode.hpp"

namespace mox::rescue {

/// Tells presses from the bounces of a contact. Pure.
///
/// A press counts at once (the person sees the LED answer), if the button was released for at least the
/// debounce time before it; everything else is the same press going on. The kernel's gpio-keys debounces as
/// well, but not every button is one.
class Debouncer {
public:
    Debouncer(Clock::duration debounce, bool down) : debounce_(debounce), down_(down) {}

    /// Whether this is a new press.
    [[nodiscard]] bool press(Clock::time_point at);
    void release(Clock::time_point at);

    /// It is held, and nobody saw it go down: not a press.
    void found_held() { down_ = true; }

    [[nodiscard]] bool is_down() const { return down_; }

private:
    Clock::duration debounce_;
    bool down_;
    std::optional<Clock::time_point> released_at_;
};

/// The rhythm of an announcement. Values: user manual, "Triggering rescue mode" (pauses of 3 s);
/// blink lengths as the routers in the field show them.
struct Timing {
    /// LED on before the first announcement: "Kernel started. Prepare for announcements." The kernel has lit
    /// it some time before (trigger `default-on` of the MOX's device tree): together they are clearly no
    /// blink.
    Clock::duration lead_in = std::chrono::milliseconds(500);
    Clock::duration dark_before = std::chrono::milliseconds(500);
    Clock::duration blink_on = std::chrono::milliseconds(200);
    Clock::duration blink_off = std::chrono::milliseconds(200);
    Clock::duration dark_after = std::chrono::milliseconds(500);
    Clock::duration pause = std::chrono::seconds(3);  ///< LED on: time to object
    int announcements = 2;                            ///< the second is for those who missed the first
    /// `debounce-interval` of the MOX's gpio-keys node in the device tree.
    Clock::duration debounce = std::chrono::milliseconds(60);
};

/// The LED is to be steadily on or off from now on.
struct ShowLed {
    bool lit = false;

    bool operator==(const ShowLed&) const = default;
};

/// An announcement begins; the LED follows with the next action.
struct Announce {
    boot::Mode mode = boot::Mode::reboot;
    int repetition = 1;  ///< 1: the first announcement, 2: the one for those who missed it

    bool operator==(const Announce&) const = default;
};

/// Nobody objected. The last action ever.
struct Execute {
    boot::Mode mode = boot::Mode::reboot;

    bool operator==(const Execute&) const = default;
};

using Action = std::variant<ShowLed, Announce, Execute>;

/// Chooses a rescue mode by announcing it and waiting for an objection.
///
/// Pure: it is told what happened and when, and answers what to do and when to be called again.
///
/// - A press at any moment, also in the lead-in and during an announcement, moves on to the next mode, which
///   is announced afresh.
/// - A button that is down from the start (or is found held later) is no press until it was released once.
/// - Time runs on while the button is held, so that a stuck button does not hold up mode 1. But no other
///   mode is ever executed under a held button: its last pause begins again when the button is released.
///   So a button that sticks, from the start or in a press, makes at most that one step and destroys nothing.
/// - Every step lasts its full length from the moment it was shown: a program that is held up announces late,
///   but never skips what the person must see.
class Selector {
public:
    Selector(boot::Mode first, bool button_down, const Timing& timing = {});

    /// Whether it counts as a press (no bounce, no hold from before the start): then `mode()` has moved on.
    bool pressed(Clock::time_point at);
    void released(Clock::time_point at);
    /// The button turned out to be held; see board::ButtonEdge::found_held.
    void found_held();

    /// What is due at `now`, if anything; call again until empty, then sleep until `next_due()`.
    [[nodiscard]] std::optional<Action> advance(Clock::time_point now);

    /// time_point::min(): at once. time_point::max(): nothing will happen without the button.
    [[nodiscard]] Clock::time_point next_due() const;

    /// The mode that is announced now or next, and the one that was chosen in the end.
    [[nodiscard]] boot::Mode mode() const { return mode_; }

private:
    /// One action and how long it lasts.
    struct Step {
        Action action;
        Clock::duration length{};
    };

    void add_announcement(int repetition);
    void add_announcements();
    [[nodiscard]] bool is_finished() const { return position_ == timeline_.size(); }
    [[nodiscard]] bool execution_is_next() const;

    Timing timing_;
    boot::Mode mode_;
    Debouncer button_;
    std::vector<Step> timeline_;  ///< everything that will be shown if nobody objects
    std::size_t position_ = 0;
    Clock::time_point due_ = Clock::time_point::min();
};

}  // namespace mox::rescue
