#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "base/units.hpp"
#include "simulated_board/board_button.hpp"

namespace mox::simulated_board {

/// What a key does to the button: a terminal tells when a key goes down, and repeats it while it is held, but
/// never tells when it comes up. Pure.
class KeyReader {
public:
    static constexpr char short_press = ' ';
    static constexpr char hold_or_let_go = 'h';

    /// How long a key stands for a finger on the button. Repetitions come every 30 to 50 ms.
    static constexpr std::chrono::milliseconds key_length{150};

    /// What the button is to do, if anything.
    enum class Effect { none, press, release };
    [[nodiscard]] Effect typed(char key, Clock::time_point at);

    /// When the finger comes off by itself.
    [[nodiscard]] std::optional<Clock::time_point> release_due() const { return release_due_; }
    [[nodiscard]] Effect waited(Clock::time_point now);

private:
    bool down_ = false;
    std::optional<Clock::time_point> release_due_;
};

/// Lets keys press the button, until it is cancelled or stdin ends.
[[nodiscard]] boost::asio::awaitable<void> press_by_keyboard(BoardButton& button);

}  // namespace mox::simulated_board
