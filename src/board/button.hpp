#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "base/units.hpp"

namespace mox::board {

enum class ButtonEdge { pressed, released };

struct ButtonEvent {
    ButtonEdge edge = ButtonEdge::pressed;
    Clock::time_point at;
};

/// The one button. Two implementations live: evdev (evdev_button.hpp) and the bench board's.
class Button {
public:
    virtual ~Button() = default;

    /// Whether it is held right now. A button that does not exist (yet) is not held.
    [[nodiscard]] virtual bool is_down() = 0;

    /// Waits for the next edge, at the latest until `deadline`. Nothing when the time came first.
    /// A button that appears late is picked up while waiting.
    [[nodiscard]] virtual boost::asio::awaitable<std::optional<ButtonEvent>> edge_before(
        Clock::time_point deadline) = 0;
};

}  // namespace mox::board
