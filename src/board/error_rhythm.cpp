#include "board/error_rhythm.hpp"

namespace mox::board {

std::vector<LedStep> ErrorRhythm::round(int code) const {
    std::vector<LedStep> steps;
    for (int blink = 1; blink <= code; ++blink) {
        steps.push_back({.lit = true, .length = on});
        steps.push_back({.lit = false, .length = blink < code ? off : off + dark});
    }
    return steps;
}

}  // namespace mox::board
