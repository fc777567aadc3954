#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace mox::virtual_mox {

// The lines of the machine's front panel (qemu/README.md, "The front panel"): LED and button with the virtual
// time of the machine at each edge. Pure.

/// Time since the machine's first start; it does not advance while the machine is stopped.
using VirtualTime = std::chrono::nanoseconds;

/// The LED went on or off; also its state at the start of a connection.
struct PanelLed {
    bool lit = false;
};

/// The button went down or up; also its state at the start of a connection.
struct PanelButton {
    bool down = false;
};

/// The machine was reset.
struct PanelReset {};

/// The answer to `tell_time_command`.
struct PanelTime {};

/// A command is not known, or too many commands wait.
struct PanelRefusal {
    std::string text;
};

/// Lines are lost, because this process did not read in time.
struct PanelGap {};

struct PanelMessage {
    VirtualTime at{};
    std::variant<PanelLed, PanelButton, PanelReset, PanelTime, PanelRefusal, PanelGap> what;
};

/// Parses one line, without its end. Errors (`internal`): not such a line.
[[nodiscard]] Expected<PanelMessage> parse_panel(std::string_view line);

/// Commands, without the end of the line.
[[nodiscard]] std::string press_command(bool down);
[[nodiscard]] std::string tell_time_command();
[[nodiscard]] std::string forget_command();
/// The command at a virtual time; at once, if that is in the past.
[[nodiscard]] std::string at_command(VirtualTime when, std::string_view command);

}  // namespace mox::virtual_mox
