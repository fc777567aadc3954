#pragma once

#include <chrono>
#include <string>

#include "board/rescue_board.hpp"

namespace mox::board_test {

/// A virtual MOX whose card's system runs, with mox-button in charge of the button, as the demo's medkit
/// installs it. The system has a service that notes on the card whether it was stopped.
class RunningRouter : public RescueBoard {
protected:
    /// The board with the demo system's card, without a boot loader, with exact times.
    void assemble_router();

    /// From power-on to the shell.
    Play runs();
    /// The same after a reset.
    Play runs_again();

    /// Presses; answers how long after the release the board was reset, by its own clock.
    asio::awaitable<Clock::duration> press_resets(Clock::duration held);

    [[nodiscard]] bool was_reset_since(virtual_mox::BoardEventHistory::Position since);

    /// What the service noted last, oldest first: "stopped started" after an orderly reboot.
    asio::awaitable<std::string> last_notes();

    /// The number that a command of the system prints; -1 if it is none.
    asio::awaitable<long> number(std::string command);

    /// Another configuration of mox-button (for printf), on the card for all boots to come.
    Play configure(std::string lines);
};

}  // namespace mox::board_test
