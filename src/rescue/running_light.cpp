#include "rescue/running_light.hpp"

#include <algorithm>
#include <utility>

namespace mox::rescue {

RunningLight::RunningLight(std::vector<board::LedStep> lead, const RunningRhythm& rhythm)
    : rhythm_(rhythm), lead_(std::move(lead)) {}

std::optional<LightAction> RunningLight::advance(Clock::time_point now) {
    if (now < due_ || blinking_since_) return std::nullopt;
    if (position_ == lead_.size()) {
        due_ = Clock::time_point::max();
        blinking_since_ = now;
        return BlinkSlowly{};
    }
    const auto& step = lead_[position_++];
    due_ = now + step.length;
    return ShowLed{step.lit};
}

bool RunningLight::may_end(bool lit, Clock::time_point at) {
    if (!blinking_since_) return false;
    if (!end_) {
        const auto period = rhythm_.blink_on + rhythm_.blink_off;
        // In the middle of the last of the fewest blinks: the next dark time comes after it.
        const auto earliest = *blinking_since_ + period * (rhythm_.fewest_blinks - 1) + rhythm_.blink_on / 2;
        end_.emplace(earliest, std::max(earliest, at) + 2 * period);
    }
    return end_->reached(lit, at);
}

}  // namespace mox::rescue
