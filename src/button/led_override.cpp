#include "button/led_override.hpp"

#include <chrono>

namespace mox::button {

namespace {

using namespace std::chrono_literals;

/// The state to restore when the LED's state cannot be read: the default of Turris OS.
const board::LedState default_state{.trigger = "heartbeat", .brightness = ""};

/// As the rescue system blinks while it works.
constexpr auto slow_half = 500ms;

}  // namespace

Expected<board::SysfsLed*> LedOverride::take_over() {
    if (in_use_) return &in_use_->led;
    auto led = TRY(board::find_led(board_, sysfs_));
    auto before = led.state().value_or(default_state);
    return &in_use_.emplace(InUse{.led = std::move(led), .before = std::move(before)}).led;
}

Expected<void> LedOverride::darken() {
    auto led = TRY(take_over());
    return led->set(false);
}

Expected<void> LedOverride::show_work() {
    auto led = TRY(take_over());
    return led->blink(slow_half, slow_half);
}

Expected<void> LedOverride::restore() {
    if (!in_use_) return {};
    auto restored = in_use_->led.restore(in_use_->before);
    in_use_.reset();
    return restored;
}

}  // namespace mox::button
