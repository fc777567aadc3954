#include "board/error_rhythm.hpp"

#include <algorithm>

namespace mox::board {

std::vector<LedStep> ErrorRhythm::round(int code) const {
    std::vector<LedStep> steps;
    for (int blink = 1; blink <= code; ++blink) {
        steps.push_back({.lit = true, .length = on});
        steps.push_back({.lit = false, .length = blink < code ? off : off + dark});
    }
    return steps;
}

std::vector<LedStep> ErrorRhythm::before_reboot(int code, const ErrorRhythmPosition& pressed) const {
    if (!pressed.step) return {};
    const bool group_is_whole = *pressed.step + 1 == round(code).size();
    if (!group_is_whole) return {{.lit = true, .length = noticed}};
    return rest_of_group(code, pressed);
}

std::vector<LedStep> ErrorRhythm::rest_of_group(int code, const ErrorRhythmPosition& interrupted) const {
    std::vector<LedStep> steps{{.lit = false, .length = dark}};
    if (interrupted.step) {
        steps = round(code);
        steps.back().length = dark;
        steps.erase(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(*interrupted.step));
    }
    steps.front().length = std::max(Clock::duration::zero(), steps.front().length - interrupted.shown);
    return steps;
}

}  // namespace mox::board
