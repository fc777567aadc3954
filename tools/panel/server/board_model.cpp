#include "panel/server/board_model.hpp"

#include <algorithm>
#include <utility>

namespace mox::virtual_mox::panel {

using led_decoder::Reading;

/// A pattern of the LED and a line of the console that were cut short are not completed by the next start.
void BoardModel::start(Clock::time_point now) {
    reader_ = led_decoder::LedReader(now);
    console_reader_ = {};
}

BoardModel::Told BoardModel::power_comes(bool button_down, Clock::time_point now) {
    Told told;
    start(now);
    state_.power = true;
    state_.led = false;
    state_.button_down = button_down;
    tracker_.power_came(button_down);
    settle(now, told);
    return told;
}

BoardModel::Told BoardModel::power_goes(Clock::time_point now) {
    auto told = led_changed(false, now);  // a light ends, and is told as what it was
    start(now);
    state_.power = false;
    tracker_.power_went();
    settle(now, told);
    return told;
}

BoardModel::Told BoardModel::was_reset(bool button_down, Clock::time_point now) {
    Told told;
    if (!state_.power) return told;
    start(now);
    tracker_.was_reset(button_down);
    settle(now, told);
    return told;
}

BoardModel::Told BoardModel::led_changed(bool lit, Clock::time_point at) {
    Told told;
    read(reader_.changed(lit, at), told);
    if (state_.power) tracker_.led_changed(lit, at);
    state_.led = lit && state_.power;
    settle(at, told);
    return told;
}

void BoardModel::button_changed(bool down, Clock::time_point at) {
    state_.button_down = down;
    tracker_.button_changed(down, at);
    state_.situation = tracker_.now();
}

BoardModel::Told BoardModel::waited(Clock::time_point now) {
    Told told;
    read(reader_.waited(now), told);
    settle(now, told);
    return told;
}

BoardModel::Told BoardModel::console_says(std::string_view bytes, Clock::time_point now) {
    Told told;
    if (!state_.power) return told;
    for (const auto& news : console_reader_.read(bytes)) tracker_.on_console_event(news);
    settle(now, told);
    return told;
}

/// The end of the reading that went on.
void BoardModel::end_reading(Clock::time_point until, Told& told) {
    auto ended = *std::exchange(going_on_, std::nullopt);
    ended.reading.until = std::max(ended.reading.until, until);
    ended.goes_on = false;
    ended.is_end = true;
    told.push_back(std::move(ended));
}

void BoardModel::read(const std::vector<Reading>& readings, Told& told) {
    for (const auto& reading : readings) {
        auto meaning = tracker_.read(reading);
        if (!meaning) continue;
        if (going_on_) end_reading(reading.from, told);
        told.push_back({reading, *std::move(meaning), tracker_.goes_on(reading)});
        if (told.back().goes_on) going_on_ = told.back();
    }
}

/// Every input ends here: the situation becomes part of the state, and a pattern ends with what it told.
void BoardModel::settle(Clock::time_point now, Told& told) {
    state_.situation = tracker_.now();
    if (going_on_ && !tracker_.goes_on(going_on_->reading)) end_reading(now, told);
}

}  // namespace mox::virtual_mox::panel
