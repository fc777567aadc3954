#pragma once

#include <variant>

#include "base/units.hpp"

namespace mox::board {

enum class ButtonEdge {
    pressed,
    released,
    found_held,  ///< a button that appeared late and is already held: not a press
};

struct ButtonEvent {
    ButtonEdge edge = ButtonEdge::pressed;
    Clock::time_point at;
};

/// A button without an event loop: the owner waits for `fd` and reads the events. Implementations: the
/// kernel's input devices (EvdevSource) and its uevents (UeventButton).
class ButtonSource {
public:
    virtual ~ButtonSource() = default;

    struct Nothing {};  ///< no event is waiting
    struct Lost {       ///< the button is gone or events are lost: its state is not known
        bool was_down = false;
    };
    using Taken = std::variant<ButtonEvent, Nothing, Lost>;

    /// Returns the next event without waiting.
    [[nodiscard]] virtual Taken take() = 0;

    /// The state after all events that were taken. A button that does not exist (yet) is not held.
    [[nodiscard]] virtual bool is_down() const = 0;

    /// Becomes readable when there may be an event to take; owned by this object. It may change with each
    /// `take`. -1: there will never be an event.
    [[nodiscard]] virtual int fd() const = 0;
};

}  // namespace mox::board
