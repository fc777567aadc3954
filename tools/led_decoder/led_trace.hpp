#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace mox::led_decoder {

/// The recent states of a LED or button, drawn as one cell per tenth of a second: "..##.####".
class LedTrace {
public:
    static constexpr std::chrono::milliseconds cell{100};

    LedTrace(char off, char on) : off_(off), on_(on) {}

    void changed(bool on, Clock::time_point at);

    /// The last `cells` tenths of a second before `now`, oldest first. A cell is on if the state was on at
    /// any time in it, so that no blink is lost.
    [[nodiscard]] std::string draw(std::size_t cells, Clock::time_point now) const;

private:
    struct Change {
        bool on = false;
        Clock::time_point at;
    };
    [[nodiscard]] bool was_on(Clock::time_point from, Clock::time_point until) const;

    char off_;
    char on_;
    std::vector<Change> changes_;  // a session has a few hundred at most
};

}  // namespace mox::led_decoder
