#include "led_decoder/led_reader.hpp"

#include <utility>

namespace mox::led_decoder {

namespace {

/// A single slow blink may be a pause that a press has cut short; two with the same dark time are a rhythm.
constexpr int rhythm = 2;

}  // namespace

std::vector<Reading> LedReader::changed(bool lit, Clock::time_point at) {
    auto readings = waited(at);
    if (lit == lit_) return readings;
    if (lit)
        went_on(at, readings);
    else
        went_off(at, readings);
    lit_ = lit;
    since_ = at;
    return readings;
}

std::vector<Reading> LedReader::waited(Clock::time_point now) {
    std::vector<Reading> readings;
    if (group_.blinks == 0) return readings;
    const auto length = now - since_;
    if (lit_ && length > longest_blink)
        end_before_light(readings);
    else if (!lit_ && length >= error_pause)
        end_before_darkness(now, readings);
    return readings;
}

std::optional<Clock::time_point> LedReader::next_due() const {
    if (group_.blinks == 0) return std::nullopt;
    return lit_ ? since_ + longest_blink + Clock::duration(1) : since_ + error_pause;
}

void LedReader::went_on(Clock::time_point at, std::vector<Reading>& readings) {
    dark_ = at - since_;
    if (group_.blinks > 0) {
        group_.is_closed = dark_ > longest_gap;
        group_.dark_after = dark_;
    } else if (dark_ > longest_darkness_unread() && !shown_error_) {
        readings.push_back({Sign::dark, 0, since_, at});
    }
    announced_ = false;
    if (dark_ > longest_slow_blink) slow_blinks_ = 0;
}

void LedReader::went_off(Clock::time_point at, std::vector<Reading>& readings) {
    const auto length = at - since_;
    if (length <= longest_blink) {
        add_blink(length, readings);
        return;
    }
    shown_error_.reset();
    unproved_error_.reset();
    if (length <= longest_slow_blink) {
        add_slow_blink(at, readings);
    } else {
        readings.push_back({Sign::lit, 0, since_, at});
        slow_blinks_ = 0;
    }
}

void LedReader::add_blink(Clock::duration length, std::vector<Reading>& readings) {
    if (group_.is_closed) {
        if (may_be_announcement()) readings.push_back(group_reading(Sign::interrupted, since_));
        group_ = {};
    }
    if (group_.blinks == 0)
        group_ = {.start = since_, .dark_before = dark_, .follows_rhythm = slow_blinks_ >= rhythm};
    ++group_.blinks;
    if (length < shortest_blink) group_.is_cut = true;
    slow_blinks_ = 0;
}

void LedReader::add_slow_blink(Clock::time_point at, std::vector<Reading>& readings) {
    if (slow_blinks_ == 0) slow_start_ = since_;
    if (++slow_blinks_ != rhythm) return;
    readings.push_back({Sign::slow_blinking, 0, slow_start_, at});
    rescue_was_seen_ = true;
}

/// Light that is longer than a blink follows the group.
void LedReader::end_before_light(std::vector<Reading>& readings) {
    const bool is_whole = group_.is_closed && !group_.is_cut && group_.dark_after <= longest_border;
    if (is_whole && may_be_announcement()) {
        readings.push_back(group_reading(Sign::announcement, since_));
        rescue_was_seen_ = true;
        announced_ = true;
    }
    group_ = {};
}

/// A long darkness follows the group.
void LedReader::end_before_darkness(Clock::time_point now, std::vector<Reading>& readings) {
    const auto group = std::exchange(group_, {});
    if (group.is_cut || group.dark_before < error_pause || shown_error_ == group.blinks) return;
    const bool is_proved = (rescue_was_seen_ && !shown_error_) || unproved_error_ == group.blinks;
    unproved_error_ = group.blinks;
    if (!is_proved) return;
    readings.push_back({Sign::error_code, group.blinks, group.start, now});
    shown_error_ = group.blinks;
}

/// A longer darkness is a pattern of its own. A mode that begins or ends may be held up between its patterns.
Clock::duration LedReader::longest_darkness_unread() const {
    const bool mode_begins_or_ends = announced_ || slow_blinks_ >= rhythm;
    return mode_begins_or_ends ? error_pause : longest_border;
}

/// Whether the darkness before it is that of an announcement.
bool LedReader::may_be_announcement() const {
    return group_.dark_before > longest_gap && group_.dark_before < error_pause && !group_.follows_rhythm;
}

Reading LedReader::group_reading(Sign sign, Clock::time_point until) const {
    return {sign, group_.blinks, group_.start, until};
}

}  // namespace mox::led_decoder
