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
    // After a release that may be a bounce, the hold time does not grow.
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
        const auto result = classify(press);
        state_ = Up{};
        return result;
    }
    return std::nullopt;
}

PressResults PressClassifier::wait_until(Clock::time_point now) {
    PressResults results;
    while (auto* press = std::get_if<Down>(&state_)) {
        const auto result = step(*press, now);
        if (!result) break;
        results.push_back(*result);
    }
    const auto* unseen = std::get_if<Unseen>(&state_);
    if (unseen != nullptr && unseen->up_at && now >= *unseen->up_at + thresholds_.settle) state_ = Up{};
    return results;
}

void PressClassifier::press(Clock::time_point at) {
    if (std::holds_alternative<Up>(state_)) state_ = Down{.since = at, .up_at = {}};
    // A release shortly before was a bounce.
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
    auto results = wait_until(event.at);
    switch (event.edge) {
        case board::ButtonEdge::pressed:
            press(event.at);
            break;
        case board::ButtonEdge::released:
            release(event.at);
            break;
        case board::ButtonEdge::found_held:
            for (const auto& result : lost(event.at)) results.push_back(result);
            state_ = Unseen{};
            break;
    }
    return results;
}

PressResults PressClassifier::lost(Clock::time_point at) {
    auto results = wait_until(at);
    if (const auto* press = std::get_if<Down>(&state_)) {
        // A release that was seen counts; a button that disappears while it is held was not released.
        results.push_back(press->up_at ? classify(*press) : PressResult{Action::call_off, at - press->since});
    }
    state_ = Up{};
    return results;
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
