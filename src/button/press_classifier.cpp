#include "button/press_classifier.hpp"

#include <utility>

namespace mox::button {

PressResult PressClassifier::classify(const Down& press) const {
    const auto held = *press.up_at - press.since;
    if (press.stuck) return {Action::ignore_stuck, held};
    if (held < thresholds_.settle) return {Action::ignore_bounce, held};
    if (held >= thresholds_.long_press) return {Action::reset, held};
    return {busy_ ? Action::ignore_while_busy : Action::reboot, held};
}

std::optional<PressResult> PressClassifier::step(Down& press, Clock::time_point now) {
    // While it may be bouncing only the end of that is waited for.
    const auto held_until = press.up_at.value_or(now);
    if (!press.announced && held_until >= press.since + thresholds_.long_press) {
        press.announced = true;
        return PressResult{Action::announce_reset, thresholds_.long_press};
    }
    if (!press.stuck && held_until >= press.since + thresholds_.stuck) {
        press.stuck = true;
        return PressResult{Action::call_stuck, thresholds_.stuck};
    }
    if (press.up_at && now >= *press.up_at + thresholds_.settle) {
        const auto verdict = classify(press);
        state_ = Up{};
        return verdict;
    }
    return std::nullopt;
}

PressResults PressClassifier::wait_until(Clock::time_point now) {
    PressResults verdicts;
    while (auto* press = std::get_if<Down>(&state_)) {
        const auto verdict = step(*press, now);
        if (!verdict) break;
        verdicts.push_back(*verdict);
    }
    const auto* unseen = std::get_if<Unseen>(&state_);
    if (unseen != nullptr && unseen->up_at && now >= *unseen->up_at + thresholds_.settle) state_ = Up{};
    return verdicts;
}

void PressClassifier::press(Clock::time_point at) {
    if (std::holds_alternative<Up>(state_)) state_ = Down{.since = at, .up_at = {}};
    // Whatever was released a moment ago only bounced.
    if (auto* press = std::get_if<Down>(&state_)) press->up_at.reset();
    if (auto* unseen = std::get_if<Unseen>(&state_)) unseen->up_at.reset();
}

void PressClassifier::release(Clock::time_point at) {
    auto* press = std::get_if<Down>(&state_);
    if (press != nullptr && !press->up_at) press->up_at = at;
    auto* unseen = std::get_if<Unseen>(&state_);
    if (unseen != nullptr && !unseen->up_at) unseen->up_at = at;
}

PressResults PressClassifier::on_event(const board::ButtonEvent& event) {
    auto verdicts = wait_until(event.at);
    switch (event.edge) {
        case board::ButtonEdge::pressed:
            press(event.at);
            break;
        case board::ButtonEdge::released:
            release(event.at);
            break;
        case board::ButtonEdge::found_held:
            for (const auto& verdict : lost(event.at)) verdicts.push_back(verdict);
            state_ = Unseen{};
            break;
    }
    return verdicts;
}

PressResults PressClassifier::lost(Clock::time_point at) {
    auto verdicts = wait_until(at);
    if (const auto* press = std::get_if<Down>(&state_)) {
        // A release that was seen counts; a button that goes away in somebody's hand was not released.
        verdicts.push_back(press->up_at ? classify(*press)
                                        : PressResult{Action::call_off, at - press->since});
    }
    state_ = Up{};
    return verdicts;
}

Clock::time_point PressClassifier::next_due() const {
    if (const auto* unseen = std::get_if<Unseen>(&state_))
        return unseen->up_at ? *unseen->up_at + thresholds_.settle : Clock::time_point::max();
    const auto* press = std::get_if<Down>(&state_);
    if (press == nullptr) return Clock::time_point::max();
    if (press->up_at) return *press->up_at + thresholds_.settle;
    if (!press->announced) return press->since + thresholds_.long_press;
    if (!press->stuck) return press->since + thresholds_.stuck;
    return Clock::time_point::max();
}

}  // namespace mox::button
