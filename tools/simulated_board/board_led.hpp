#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/units.hpp"
#include "board/led.hpp"

namespace mox::simulated_board {

/// The simulated board's LED: a listener is called with each change and its time. It blinks on its own
/// thread, so that it blinks also while the event loop is busy, as with the kernel's `timer` trigger.
class BoardLed final : public board::Led {
public:
    /// Called at every change, from any thread; never at the same time.
    using Listener = std::function<void(bool lit, Clock::time_point at)>;

    /// The LED is off.
    explicit BoardLed(Listener listener) : listener_(std::move(listener)) {}
    BoardLed(const BoardLed&) = delete;
    BoardLed& operator=(const BoardLed&) = delete;
    ~BoardLed() override;

    [[nodiscard]] Expected<void> set(bool lit) override;

    /// Begins with a change of the LED, as the kernel's trigger does.
    [[nodiscard]] Expected<void> blink(std::chrono::milliseconds on, std::chrono::milliseconds off) override;

    [[nodiscard]] std::optional<bool> is_lit() const override;

private:
    void stop_blinking();
    void show(bool lit);

    Listener listener_;
    mutable std::mutex mutex_;
    std::condition_variable_any bell_;
    bool lit_ = false;
    std::jthread blinker_;
};

}  // namespace mox::simulated_board
