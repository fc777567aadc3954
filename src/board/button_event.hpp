#pragma once

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

}  // namespace mox::board
