#pragma once

#include <chrono>
#include <optional>

#include "base/units.hpp"

namespace mox::selection {

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

}  // namespace mox::selection
