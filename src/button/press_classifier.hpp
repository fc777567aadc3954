#pragma once

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include "base/units.hpp"
#include "board/button_source.hpp"

namespace mox::button {

/// The limits between kinds of presses. `long_press`: user manual, "Factory reset on Turris MOX" (4 s).
/// `stuck`: a user does not hold a button for 20 s, but an object may press on it for so long.
struct Thresholds {
    Clock::duration long_press = std::chrono::seconds(4);
    Clock::duration stuck = std::chrono::seconds(20);
    /// The button counts as released when it has been up for this time; bounces are shorter. The action comes
    /// later by this time. The kernel's gpio-keys debounces too (60 ms on a MOX).
    Clock::duration settle = std::chrono::milliseconds(30);

    bool operator==(const Thresholds&) const = default;
};

/// What a press means for the router.
enum class Action {
    reboot,             ///< a short press: services stop, data is stored
    reset,              ///< a long press: reset at once
    announce_reset,     ///< held long enough: "release it now for the reset" (the LED goes dark)
    call_stuck,         ///< held too long: the press is ignored; ends the announcement
    call_off,           ///< the button disappeared while it was held; ends the announcement
    ignore_stuck,       ///< the stuck button was released
    ignore_bounce,      ///< shorter than a user can press
    ignore_while_busy,  ///< a short press while the router works on the one before
};

struct PressResult {
    Action action = Action::reboot;
    Clock::duration held{};

    bool operator==(const PressResult&) const = default;
};

/// The actions to execute now, in this order; mostly empty.
using PressResults = std::vector<PressResult>;

/// Classifies presses of a running router's button by their length.
///
/// Pure: it gets events with times and returns actions. It acts on the release, because the boot loader
/// starts the rescue system when the button is still down after a reset.
///
/// A button that was down at the start is not pressed until it was released once. Only the times of the
/// events count, so an event that is handled late gives the same result.
class PressClassifier {
public:
    explicit PressClassifier(const Thresholds& thresholds = {}) : thresholds_(thresholds) {}

    /// Handles an edge of the button, and what was due before it.
    [[nodiscard]] PressResults on_event(const board::ButtonEvent& event);
    /// The button is gone: unplugged, or its driver removed.
    [[nodiscard]] PressResults lost(Clock::time_point at);
    /// Time has passed.
    [[nodiscard]] PressResults wait_until(Clock::time_point now);

    /// When `wait_until` may return an action next. time_point::max(): not before an event of the button.
    [[nodiscard]] Clock::time_point next_due() const;

    /// The router executes a press: further short presses are ignored, long presses are not.
    void work_begins() { busy_ = true; }
    void work_ends() { busy_ = false; }

private:
    struct Up {};
    struct Unseen {  ///< it is down, but the press was not seen
        std::optional<Clock::time_point> up_at;
    };
    struct Down {
        Clock::time_point since;
        std::optional<Clock::time_point> up_at;  ///< released, perhaps a bounce
        bool announced = false;
        bool stuck = false;
    };

    [[nodiscard]] std::optional<PressResult> step(Down& press, Clock::time_point now);
    [[nodiscard]] PressResult classify(const Down& press) const;
    void press(Clock::time_point at);
    void release(Clock::time_point at);

    Thresholds thresholds_;
    std::variant<Up, Unseen, Down> state_;
    bool busy_ = false;
};

}  // namespace mox::button
