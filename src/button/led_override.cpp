#include "button/led_override.hpp"

#include <chrono>

namespace mox::button {

namespace {

using namespace std::chrono_literals;

/// What a LED goes back to when it cannot be told what it showed: Turris OS' usual one.
const board::LedState usual{.trigger = "heartbeat", .brightness = ""};

/// As the rescue system blinks while it works.
constexpr auto slow_half = 500ms;

}  // namespace

Expected<board::SysfsLed*> LedOverride::borrow() {
    if (loan_) return &loan_->led;
    auto led = TRY(board::find_led(board_, sysfs_));
    auto before = led.state().value_or(usual);
    return &loan_.emplace(Loan{.led = std::move(led), .before = std::move(before)}).led;
}

Expected<void> LedOverride::darken() {
    auto led = TRY(borrow());
    return led->set(false);
}

Expected<void> LedOverride::show_work() {
    auto led = TRY(borrow());
    return led->blink(slow_half, slow_half);
}

Expected<void> LedOverride::give_back() {
    if (!loan_) return {};
    auto restored = loan_->led.restore(loan_->before);
    loan_.reset();
    return restored;
}

}  // namespace mox::button
