#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "base/units.hpp"
#include "simulated_board/board_button.hpp"

namespace mox::simulated_board {

/// Turns keys into presses of the button. A terminal reports when a key goes down and repeats it while it is
/// held, but does not report when it is released. Pure.
class KeyReader {
public:
    static constexpr char short_press = ' ';
    static constexpr char hold_or_let_go = 'h';

    /// How long a key holds the button down. Repetitions come every 30 to 50 ms.
    static constexpr std::chrono::milliseconds key_length{150};

    /// What the button does; nullopt: no change.
    enum class Effect { none, press, release };
    [[nodiscard]] Effect typed(char key, Clock::time_point at);

    /// When the button is released.
    [[nodiscard]] std::optional<Clock::time_point> release_due() const { return release_due_; }
    [[nodiscard]] Effect waited(Clock::time_point now);

private:
    bool down_ = false;
    std::optional<Clock::time_point> release_due_;
};

/// Presses the button by keys, until it is cancelled or stdin ends.
[[nodiscard]] boost::asio::awaitable<void> press_by_keyboard(BoardButton& button);

}  // namespace mox::simulated_board
