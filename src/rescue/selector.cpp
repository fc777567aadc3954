#include "rescue/selector.hpp"

#include <algorithm>

namespace mox::rescue {

Selector::Selector(boot::Mode first, bool button_down, const Timing& timing)
    : timing_(timing), mode_(first), button_(timing.debounce, button_down) {
    timeline_.push_back({ShowLed{true}, timing_.lead_in});
    add_announcements(timing_.dark_before);
}

/// `dark_before`: of the first announcement.
void Selector::add_announcements(Clock::duration dark_before) {
    for (int repetition = 1; repetition <= timing_.announcements; ++repetition)
        add_announcement(repetition, repetition == 1 ? dark_before : timing_.dark_before);
    timeline_.push_back({Execute{mode_}, {}});
}

void Selector::add_announcement(int repetition, Clock::duration dark_before) {
    timeline_.push_back({Announce{mode_, repetition}, {}});
    timeline_.push_back({ShowLed{false}, dark_before});
    const int blinks = boot::number_of(mode_);
    for (int blink = 1; blink <= blinks; ++blink) {
        timeline_.push_back({ShowLed{true}, timing_.blink_on});
        const auto dark_after = blink == blinks ? timing_.dark_after : Clock::duration::zero();
        timeline_.push_back({ShowLed{false}, timing_.blink_off + dark_after});
    }
    timeline_.push_back({ShowLed{true}, timing_.pause});
}

bool Selector::execution_is_next() const {
    return !is_finished() && std::holds_alternative<Execute>(timeline_[position_].action);
}

bool Selector::pressed(Clock::time_point at) {
    if (!button_.press(at) || is_finished()) return false;
    mode_ = next(mode_);
    timeline_.clear();
    position_ = 0;
    due_ = at;
    add_announcements(dark_before_blinks(at));
    return true;
}

Clock::duration Selector::dark_before_blinks(Clock::time_point pressed_at) const {
    if (!dark_since_) return timing_.dark_before;
    const auto longest = timing_.blink_off + timing_.dark_after + timing_.dark_before;
    const auto left = *dark_since_ + longest - pressed_at;
    return std::clamp(left, Clock::duration::zero(), timing_.dark_before);
}

void Selector::released(Clock::time_point at) {
    if (button_.is_down() && execution_is_next() && mode_ != boot::Mode::reboot)
        due_ = std::max(due_, at + timing_.pause);
    button_.release(at);
}

void Selector::found_held() {
    button_.found_held();
}

Clock::time_point Selector::next_due() const {
    const bool waits_for_release = execution_is_next() && mode_ != boot::Mode::reboot && button_.is_down();
    return is_finished() || waits_for_release ? Clock::time_point::max() : due_;
}

std::optional<Action> Selector::advance(Clock::time_point now) {
    if (is_finished() || now < next_due()) return std::nullopt;
    const auto& step = timeline_[position_++];
    due_ = now + step.length;
    if (const auto* show = std::get_if<ShowLed>(&step.action)) {
        if (show->lit)
            dark_since_.reset();
        else if (!dark_since_)
            dark_since_ = now;
    }
    return step.action;
}

bool Debouncer::press(Clock::time_point at) {
    if (down_) return false;
    down_ = true;
    return !released_at_ || at - *released_at_ >= debounce_;
}

void Debouncer::release(Clock::time_point at) {
    if (down_) released_at_ = at;
    down_ = false;
}

}  // namespace mox::rescue
