#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "led_decoder/led_reader.hpp"
#include "panel/server/board_state.hpp"
#include "panel/server/panel_clock.hpp"

namespace mox::virtual_mox::panel {

// The messages of the server (docs/panel-protocol.md). Pure.

enum class EdgeOf { led, button };

enum class EventKind {
    power_on,
    power_off,
    reset,
    watchdog,
    stick_in,
    stick_out,
    card_in,
    card_out,
    cable_in,
    cable_out,
    caption,
};

struct PanelEvent {
    EventKind what = EventKind::caption;
    Clock::time_point at;
    std::string text;
};

/// An edge in the history: `{"on":true,"at":1.0}`.
[[nodiscard]] nlohmann::json edge_entry(bool on, double at);
/// `goes_on`: up to a message with the same begin, or to the next reading.
[[nodiscard]] nlohmann::json reading_entry(const led_decoder::Reading& reading, std::string_view meaning,
                                           bool goes_on, const PanelClock& clock);
[[nodiscard]] nlohmann::json event_entry(const PanelEvent& event, const PanelClock& clock);

/// The history for a new page.
struct PastEntries {
    std::vector<nlohmann::json> led, button, readings, events;
};

[[nodiscard]] std::string hello_message(const PanelClock& clock, double wall, PastEntries past);
[[nodiscard]] std::string state_message(const BoardState& board, const PanelClock& clock);
[[nodiscard]] std::string edge_message(EdgeOf what, bool on, double at);
/// An entry as a message.
[[nodiscard]] std::string message_of(std::string_view type, nlohmann::json entry);
[[nodiscard]] std::string done_message(double id);
[[nodiscard]] std::string failed_message(double id, std::string_view why);
[[nodiscard]] std::string pong_message(double id, double t, double now);

/// A binary message: the position in 8 bytes, big endian, then the bytes.
[[nodiscard]] std::string console_message(std::uint64_t position, std::string_view bytes);

}  // namespace mox::virtual_mox::panel
