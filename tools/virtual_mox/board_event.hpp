#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "base/units.hpp"
#include "virtual_mox/event_history.hpp"

namespace mox::virtual_mox {

/// The times of an event of the board.
struct BoardInstant {
    Clock::time_point at;                   ///< arrival in this process
    Clock::time_point board_clock;          ///< by Machine::board_clock: exact, also on a busy host
    std::chrono::nanoseconds board_time{};  ///< the board's own time since power-on; 0 without power
};

/// The LED went on or off.
struct LedEdge : BoardInstant {
    bool lit = false;
};

/// The button went down or up.
struct ButtonEdge : BoardInstant {
    bool down = false;
};

/// The processor and the devices were reset: at power-on, by the board itself, by its watchdog, or from
/// outside.
struct BoardReset : BoardInstant {};

/// An event of QEMU, with QEMU's name: "RESET" (data: "guest", "reason"), "SHUTDOWN", "WATCHDOG",
/// "DEVICE_DELETED", ...
struct BoardEvent {
    std::string name;
    nlohmann::json data;
    Clock::time_point at;
};

using LedHistory = EventHistory<LedEdge>;
using ButtonHistory = EventHistory<ButtonEdge>;
using ResetHistory = EventHistory<BoardReset>;
using BoardEventHistory = EventHistory<BoardEvent>;

}  // namespace mox::virtual_mox
