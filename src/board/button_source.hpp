#pragma once

#include <variant>

#include "base/units.hpp"

namespace mox::board {

enum class ButtonEdge {
    pressed,
    released,
    found_held,  ///< a button that appeared late and is held already: nobody saw it go down, so no press
};

struct ButtonEvent {
    ButtonEdge edge = ButtonEdge::pressed;
    Clock::time_point at;
};

/// A button that is followed without an event loop: its owner waits for `fd` and takes what has happened.
/// Two implementations: the kernel's input devices (EvdevSource) and its uevents (UeventButton).
class ButtonSource {
public:
    virtual ~ButtonSource() = default;

    struct Nothing {};  ///< no event is waiting
    struct Lost {       ///< the button is gone, or its state is not known any more; perhaps it was held
        bool was_down = false;
    };
    using Taken = std::variant<ButtonEvent, Nothing, Lost>;

    /// The next thing that has happened, without waiting.
    [[nodiscard]] virtual Taken take() = 0;

    /// After all events that were taken. A button that does not exist (yet) is not held.
    [[nodiscard]] virtual bool is_down() const = 0;

    /// Becomes readable when there may be something to take; owned by this, and perhaps another one after
    /// each `take`. -1: nothing will ever happen.
    [[nodiscard]] virtual int fd() const = 0;
};

}  // namespace mox::board
