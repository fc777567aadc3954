#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "base/error.hpp"
#include "virtual_mox/machine.hpp"
#include "virtual_mox/medium.hpp"

namespace mox::virtual_mox {

/// What is at hand to be plugged in.
struct AtHand {
    std::optional<Medium> card{};
    std::optional<Medium> stick{};
};

/// Gives the board to whoever sits at this terminal: its console, and the keys of console_keys.hpp. What the
/// LED says is told in lines of its own. Ends when the person quits, or the terminal goes away. Errors
/// (`internal`): stdin is no terminal.
[[nodiscard]] boost::asio::awaitable<Expected<void>> use_board(Machine& machine, AtHand at_hand);

}  // namespace mox::virtual_mox
