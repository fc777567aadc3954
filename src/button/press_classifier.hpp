#pragma once

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include "base/units.hpp"
#include "board/button_source.hpp"

namespace mox::button {

/// How long is long. Values: user manual, "Factory reset on Turris MOX" (4 s); a person does not hold a
/// button for 20 s, a thing that leans against it does.
struct Thresholds {
    Clock::duration long_press = std::chrono::seconds(4);
    Clock::duration stuck = std::chrono::seconds(20);
    /// A button is released when it has been up for so long; a contact bounces for less. It adds to the time
    /// between the release and what follows. The kernel's gpio-keys debounces as well (60 ms on a MOX).
    Clock::duration settle = std::chrono::milliseconds(30);

    bool operator==(const Thresholds&) const = default;
};

/// What a press means for the router.
enum class Action {
    reboot,             ///< a short press: services stop, data is stored
    reset,              ///< a long one: at once
    announce_reset,     ///< held long enough: "release it now for the reset" (the LED goes dark)
    call_stuck,         ///< held too long: nothing will happen any more; takes the announcement back
    call_off,           ///< the button has vanished while it was held; takes the announcement back
    ignore_stuck,       ///< the stuck button was released at last
    ignore_bounce,      ///< shorter than a person can press
    ignore_while_busy,  ///< a short press while the router works on the one before
};

struct PressResult {
    Action action = Action::reboot;
    Clock::duration held{};

    bool operator==(const PressResult&) const = default;
};

/// What is to be done now, in this order; nearly always nothing.
using PressResults = std::vector<PressResult>;

/// Judges the button of a running router by how long it was held.
///
/// Pure: it is told what happened and when, and answers what follows. It acts on the release, because the
/// boot loader takes a button that is still down after a reset for the wish to be rescued.
///
/// A button that was down when we first saw it is no press until it was released once. What counts are the
/// times of the events: being told late changes no verdict.
class PressClassifier {
public:
    explicit PressClassifier(const Thresholds& thresholds = {}) : thresholds_(thresholds) {}

    /// An edge of the button, with everything that was due before it.
    [[nodiscard]] PressResults on_event(const board::ButtonEvent& event);
    /// The button is gone: unplugged, or its driver removed.
    [[nodiscard]] PressResults lost(Clock::time_point at);
    /// Time has passed.
    [[nodiscard]] PressResults wait_until(Clock::time_point now);

    /// When `wait_until` will have something to say. time_point::max(): never without the button.
    [[nodiscard]] Clock::time_point next_due() const;

    /// The router works on a press: further short ones are ignored. Long ones never are.
    void work_begins() { busy_ = true; }
    void work_ends() { busy_ = false; }

private:
    struct Up {};
    struct Unseen {  ///< it is down, but nobody saw it go down
        std::optional<Clock::time_point> up_at;
    };
    struct Down {
        Clock::time_point since;
        std::optional<Clock::time_point> up_at;  ///< released, but perhaps it only bounces
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
