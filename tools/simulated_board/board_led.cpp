#include "simulated_board/board_led.hpp"

#include <stop_token>

namespace mox::simulated_board {

BoardLed::~BoardLed() {
    stop_blinking();
}

Expected<void> BoardLed::set(bool lit) {
    stop_blinking();
    const std::lock_guard lock(mutex_);
    show(lit);
    return {};
}

Expected<void> BoardLed::blink(std::chrono::milliseconds on, std::chrono::milliseconds off) {
    stop_blinking();
    blinker_ = std::jthread([this, on, off](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        auto change_at = Clock::now();
        while (!stop.stop_requested()) {
            show(!lit_);
            change_at += lit_ ? on : off;
            bell_.wait_until(lock, stop, change_at, [] { return false; });
        }
    });
    return {};
}

std::optional<bool> BoardLed::is_lit() const {
    const std::lock_guard lock(mutex_);
    return lit_;
}

void BoardLed::stop_blinking() {
    blinker_ = {};
}

void BoardLed::show(bool lit) {
    if (lit == lit_) return;
    lit_ = lit;
    listener_(lit, Clock::now());
}

}  // namespace mox::simulated_board
