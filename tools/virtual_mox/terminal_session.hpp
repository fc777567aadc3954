#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "base/error.hpp"
#include "virtual_mox/machine.hpp"
#include "virtual_mox/medium.hpp"

namespace mox::virtual_mox {

/// The media that the user can insert.
struct AvailableMedia {
    std::optional<Medium> card{};
    std::optional<Medium> stick{};
};

/// Connects the board to this terminal: its console, and the keys of console_keys.hpp. Prints the readings of
/// the LED on separate lines. Ends when the user quits, or the terminal is closed. Errors (`internal`): stdin
/// is not a terminal.
[[nodiscard]] boost::asio::awaitable<Expected<void>> use_board(Machine& machine, AvailableMedia media);

}  // namespace mox::virtual_mox
