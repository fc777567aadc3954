#include "led_decoder/led_reader.hpp"

namespace mox::led_decoder {

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
    const auto length = now - since_;
    if (blinks_ == 0) return readings;
    if (lit_ && group_is_closed_ && length >= longest_blink) {
        end_group(Sign::announcement, since_, readings);
    } else if (!lit_ && length >= error_pause) {
        // It is repeated without end, and reported once.
        if (shown_error_ == blinks_)
            blinks_ = 0;
        else
            end_group(Sign::error_code, now, readings);
    }
    return readings;
}

std::optional<Clock::time_point> LedReader::next_due() const {
    if (blinks_ == 0) return std::nullopt;
    if (!lit_) return since_ + error_pause;
    if (group_is_closed_) return since_ + longest_blink;
    return std::nullopt;
}

void LedReader::went_on(Clock::time_point at, std::vector<Reading>& readings) {
    const auto dark = at - since_;
    if (blinks_ > 0) {
        group_is_closed_ = dark > longest_gap;
    } else if (dark > longest_slow_blink && !shown_error_) {
        readings.push_back({Sign::dark, 0, since_, at});
    }
    if (dark > longest_slow_blink) slow_blinks_ = 0;
}

void LedReader::went_off(Clock::time_point at, std::vector<Reading>& readings) {
    const auto length = at - since_;
    if (length <= longest_blink) {
        if (group_is_closed_) end_group(Sign::interrupted, since_, readings);
        if (blinks_ == 0) group_start_ = since_;
        ++blinks_;
        slow_blinks_ = 0;
        return;
    }
    shown_error_.reset();
    if (length > longest_slow_blink) {
        readings.push_back({Sign::lit, 0, since_, at});
        slow_blinks_ = 0;
        return;
    }
    if (slow_blinks_ == 0) slow_start_ = since_;
    ++slow_blinks_;
    // A single one may be a pause that a press has cut short; two with the same dark time are a rhythm.
    if (slow_blinks_ == 2) readings.push_back({Sign::slow_blinking, 0, slow_start_, at});
}

void LedReader::end_group(Sign sign, Clock::time_point at, std::vector<Reading>& readings) {
    readings.push_back({sign, blinks_, group_start_, at});
    shown_error_ = sign == Sign::error_code ? std::optional(blinks_) : std::nullopt;
    blinks_ = 0;
    group_is_closed_ = false;
}

}  // namespace mox::led_decoder
