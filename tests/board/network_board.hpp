#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "board/rescue_board.hpp"
#include "support/network_lab.hpp"

namespace mox::board_test {

/// A virtual MOX whose cable leads to another machine: a network namespace with real servers and clients.
class NetworkBoard : public RescueBoard {
protected:
    NetworkBoard() { network = virtual_mox::TapNetwork{.tap = lab.tap()}; }

    /// The other machine becomes 192.168.1.2/24, as the manual says for mode 5.
    void peer_is_a_lone_computer();

    /// Mode 5 from power-on to where it waits for somebody. Answers how long that took from its start.
    asio::awaitable<Clock::duration> enters_mode_5();

    /// What a command says that runs at the other machine, while the board goes on.
    asio::awaitable<ChildResult> at_peer(std::vector<std::string> argv, Clock::duration patience = 2min);
    /// OpenSSH's client, which has never seen this router and types no password.
    asio::awaitable<ChildResult> ssh(std::string command);
    /// The same for a command that must succeed; the answer is what it says.
    asio::awaitable<std::string> session_says(std::string command);

    test_support::NetworkLab lab{test_support::NetworkLab::Cable::to_a_tap};
};

}  // namespace mox::board_test
