#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "board/button_source.hpp"

namespace mox::board {

/// The button of the board. Implementations: evdev (evdev_button.hpp) and the simulated board's.
class Button {
public:
    virtual ~Button() = default;

    /// Whether the button is held now. A button that does not exist (yet) is not held.
    [[nodiscard]] virtual bool is_down() = 0;

    /// Waits for the next edge, at the latest until `deadline`; nullopt: the deadline came first. An edge
    /// that has happened already is returned even if `deadline` is over: a press must stop the mode that it
    /// comes before. A button that appears later is opened while waiting. One caller at a time. Cancelling
    /// the wait may lose an edge of the same instant.
    [[nodiscard]] virtual boost::asio::awaitable<std::optional<ButtonEvent>> edge_before(
        Clock::time_point deadline) = 0;
};

}  // namespace mox::board
