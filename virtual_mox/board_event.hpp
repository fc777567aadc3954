#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "base/units.hpp"
#include "virtual_mox/journal.hpp"

namespace mox::virtual_mox {

/// The LED went on or off. `board_time` is the board's own clock since power-on: exact, however busy the host
/// is. 0 when the LED went out with the power.
struct LedEdge {
    bool lit = false;
    Clock::time_point at;
    std::chrono::nanoseconds board_time{};
};

/// The button went down or up; `board_time` as above, 0 without power.
struct ButtonEdge {
    bool down = false;
    Clock::time_point at;
    std::chrono::nanoseconds board_time{};
};

/// The processor and the devices were reset: at power-on, by the board itself, by its watchdog, or from
/// outside.
struct BoardReset {
    Clock::time_point at;
    std::chrono::nanoseconds board_time{};
};

/// What QEMU says about the board by itself, by QEMU's names: "RESET" (data: "guest", "reason"), "SHUTDOWN",
/// "WATCHDOG", "DEVICE_DELETED", ...
struct BoardEvent {
    std::string name;
    nlohmann::json data;
    Clock::time_point at;
};

using LedJournal = Journal<LedEdge>;
using ButtonJournal = Journal<ButtonEdge>;
using ResetJournal = Journal<BoardReset>;
using EventJournal = Journal<BoardEvent>;

}  // namespace mox::virtual_mox
