#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "base/units.hpp"
#include "virtual_mox/event_history.hpp"

namespace mox::virtual_mox {

/// When something happened on the board.
struct BoardInstant {
    Clock::time_point at;                   ///< it arrived here
    Clock::time_point board_clock;          ///< by Machine::board_clock: exact, however busy the host is
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

/// What QEMU says about the board by itself, by QEMU's names: "RESET" (data: "guest", "reason"), "SHUTDOWN",
/// "WATCHDOG", "DEVICE_DELETED", ...
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
