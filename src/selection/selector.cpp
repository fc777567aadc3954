#include "selection/selector.hpp"

#include <algorithm>

namespace mox::selection {

Selector::Selector(Mode first, bool button_down, const Timing& timing)
    : timing_(timing), mode_(first), button_(timing.debounce, button_down) {
    score_.push_back({ShowLed{true}, timing_.lead_in});
    add_announcements();
}

void Selector::add_announcements() {
    for (int repetition = 1; repetition <= timing_.announcements; ++repetition) add_announcement(repetition);
    score_.push_back({Execute{mode_}, {}});
}

void Selector::add_announcement(int repetition) {
    score_.push_back({Announce{mode_, repetition}, {}});
    score_.push_back({ShowLed{false}, timing_.dark_before});
    const int blinks = number_of(mode_);
    for (int blink = 1; blink <= blinks; ++blink) {
        score_.push_back({ShowLed{true}, timing_.blink_on});
        const auto dark_after = blink == blinks ? timing_.dark_after : Clock::duration::zero();
        score_.push_back({ShowLed{false}, timing_.blink_off + dark_after});
    }
    score_.push_back({ShowLed{true}, timing_.pause});
}

bool Selector::execution_is_next() const {
    return !is_finished() && std::holds_alternative<Execute>(score_[position_].action);
}

bool Selector::pressed(Clock::time_point at) {
    if (!button_.press(at) || is_finished()) return false;
    mode_ = next(mode_);
    score_.clear();
    position_ = 0;
    due_ = at;
    add_announcements();
    return true;
}

void Selector::released(Clock::time_point at) {
    if (button_.is_down() && execution_is_next() && mode_ != Mode::reboot)
        due_ = std::max(due_, at + timing_.pause);
    button_.release(at);
}

void Selector::found_held() {
    button_.found_held();
}

Clock::time_point Selector::next_due() const {
    const bool waits_for_release = execution_is_next() && mode_ != Mode::reboot && button_.is_down();
    return is_finished() || waits_for_release ? Clock::time_point::max() : due_;
}

std::optional<Action> Selector::advance(Clock::time_point now) {
    if (is_finished() || now < next_due()) return std::nullopt;
    const auto& cue = score_[position_++];
    due_ = now + cue.length;
    return cue.action;
}

}  // namespace mox::selection
