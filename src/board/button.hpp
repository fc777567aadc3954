#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "board/button_source.hpp"

namespace mox::board {

/// The one button. Two implementations live: evdev (evdev_button.hpp) and the simulated board's.
class Button {
public:
    virtual ~Button() = default;

    /// Whether it is held right now. A button that does not exist (yet) is not held.
    [[nodiscard]] virtual bool is_down() = 0;

    /// Waits for the next edge, at the latest until `deadline`. Nothing when the time came first.
    /// An edge that has happened already is returned even if `deadline` is over: a press is never overtaken
    /// by the execution that it objects to. A button that appears late is picked up while waiting.
    /// One caller at a time. Cancelling the wait may lose an edge of that very instant.
    [[nodiscard]] virtual boost::asio::awaitable<std::optional<ButtonEvent>> edge_before(
        Clock::time_point deadline) = 0;
};

}  // namespace mox::board
