#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "base/units.hpp"
#include "boot/mode.hpp"

namespace mox::rescue {

/// Distinguishes presses from bounces of the contact. Pure.
///
/// A press counts at once (the user sees the LED react) if the button was released for at least the debounce
/// time before it; otherwise it belongs to the press before. The kernel's gpio-keys driver also debounces,
/// but not every button uses this driver.
class Debouncer {
public:
    Debouncer(Clock::duration debounce, bool down) : debounce_(debounce), down_(down) {}

    /// Whether this is a new press.
    [[nodiscard]] bool press(Clock::time_point at);
    void release(Clock::time_point at);

    /// The button is held, and the moment of the press is unknown: this is not a press.
    void found_held() { down_ = true; }

    [[nodiscard]] bool is_down() const { return down_; }

private:
    Clock::duration debounce_;
    bool down_;
    std::optional<Clock::time_point> released_at_;
};

/// The timing of an announcement. Sources of the values: user manual, "Triggering rescue mode" (pauses of 3
/// s); the routers in the field (lengths of blinks).
struct Timing {
    /// LED on before the first announcement: "Kernel started. Prepare for announcements." The kernel has
    /// switched it on some time before (trigger `default-on` in the device tree of the MOX); both times
    /// together are too long for a blink.
    Clock::duration lead_in = std::chrono::milliseconds(500);
    Clock::duration dark_before = std::chrono::milliseconds(500);
    Clock::duration blink_on = std::chrono::milliseconds(200);
    Clock::duration blink_off = std::chrono::milliseconds(200);
    Clock::duration dark_after = std::chrono::milliseconds(500);
    Clock::duration pause = std::chrono::seconds(3);  ///< LED on: time for a press
    int announcements = 2;                            ///< the second one is for a user who missed the first
    /// `debounce-interval` of the MOX's gpio-keys node in the device tree.
    Clock::duration debounce = std::chrono::milliseconds(60);
};

/// Switch the LED on or off.
struct ShowLed {
    bool lit = false;

    bool operator==(const ShowLed&) const = default;
};

/// An announcement begins; the LED follows with the next action.
struct Announce {
    boot::Mode mode = boot::Mode::reboot;
    int repetition = 1;  ///< 1: the first announcement, 2: the second one

    bool operator==(const Announce&) const = default;
};

/// No press came: execute the mode. This is the last action.
struct Execute {
    boot::Mode mode = boot::Mode::reboot;

    bool operator==(const Execute&) const = default;
};

using Action = std::variant<ShowLed, Announce, Execute>;

/// Chooses a rescue mode: announces a mode and waits for a press, which selects the next one.
///
/// Pure: the caller passes events with their times, and gets the next action and the time of the next call.
///
/// - A press at any moment, also in the lead-in and during an announcement, selects the next mode, which is
///   announced from the beginning.
/// - However often the button is pressed, the LED is not dark for longer than after a single press: a longer
///   darkness would make an error code of the blinks before it.
/// - A button that is held from the start (or is found held later) does not count as a press until it was
///   released once.
/// - Time goes on while the button is held, so that a stuck button does not block mode 1. But no other mode
///   is executed while the button is held: its last pause begins again when the button is released. So a
///   button that is stuck, from the start or after a press, selects at most one more mode and destroys no
///   data.
/// - Every step lasts its full length from the moment it was shown: a delayed program announces late, but
///   does not skip a step.
class Selector {
public:
    Selector(boot::Mode first, bool button_down, const Timing& timing = {});

    /// Returns whether it counts as a press (not a bounce, not held since before the start); then `mode()` is
    /// the next mode.
    bool pressed(Clock::time_point at);
    void released(Clock::time_point at);
    /// The button is held without a press event; see board::ButtonEdge::found_held.
    void found_held();

    /// The action that is due at `now`, nullopt if none; call it until nullopt, then sleep until
    /// `next_due()`.
    [[nodiscard]] std::optional<Action> advance(Clock::time_point now);

    /// time_point::min(): at once. time_point::max(): no action is due until a button event.
    [[nodiscard]] Clock::time_point next_due() const;

    /// The mode that is announced now or next; at the end the chosen one.
    [[nodiscard]] boot::Mode mode() const { return mode_; }

private:
    /// One action and how long it lasts.
    struct Step {
        Action action;
        Clock::duration length{};
    };

    void add_announcement(int repetition, Clock::duration dark_before);
    void add_announcements(Clock::duration dark_before);
    [[nodiscard]] Clock::duration dark_before_blinks(Clock::time_point pressed_at) const;
    [[nodiscard]] bool is_finished() const { return position_ == timeline_.size(); }
    [[nodiscard]] bool execution_is_next() const;

    Timing timing_;
    boot::Mode mode_;
    Debouncer button_;
    std::vector<Step> timeline_;  ///< all steps until the execution, if no press comes
    std::size_t position_ = 0;
    Clock::time_point due_ = Clock::time_point::min();
    std::optional<Clock::time_point> dark_since_;
};

}  // namespace mox::rescue
