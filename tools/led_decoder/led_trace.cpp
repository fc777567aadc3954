#include "led_decoder/led_trace.hpp"

namespace mox::led_decoder {

void LedTrace::changed(bool on, Clock::time_point at) {
    changes_.push_back({on, at});
}

std::string LedTrace::draw(std::size_t cells, Clock::time_point now) const {
    std::string strip;
    for (std::size_t i = 0; i < cells; ++i) {
        const auto until = now - cell * static_cast<int>(cells - 1 - i);
        strip += was_on(until - cell, until) ? on_ : off_;
    }
    return strip;
}

bool LedTrace::was_on(Clock::time_point from, Clock::time_point until) const {
    bool on_at_from = false;
    for (const auto& change : changes_) {
        if (change.at >= until) break;
        if (change.at <= from)
            on_at_from = change.on;
        else if (change.on)
            return true;
    }
    return on_at_from;
}

}  // namespace mox::led_decoder
