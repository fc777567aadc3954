#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace mox::virtual_mox {

// QEMU's machine protocol (docs/interop/qmp-spec.txt): one JSON object per line, both ways. Pure.

/// The first line of a connection.
struct QmpGreeting {
    std::string version;  ///< "7.2.22"
};

/// The result of the command with this number: its value, or QEMU's error.
struct QmpAnswer {
    std::uint64_t id = 0;
    Expected<nlohmann::json> result;
};

/// An event: RESET, SHUTDOWN, WATCHDOG, DEVICE_DELETED, ...
struct QmpNotice {
    std::string name;
    nlohmann::json data;  ///< an object, often empty
};

using QmpMessage = std::variant<QmpGreeting, QmpAnswer, QmpNotice>;

/// Parses a line from QEMU. Errors (`internal`): not such a line.
[[nodiscard]] Expected<QmpMessage> parse_qmp(std::string_view line);

/// A line to QEMU, with its end.
[[nodiscard]] std::string qmp_command_line(std::uint64_t id, std::string_view command,
                                           const nlohmann::json& arguments);

}  // namespace mox::virtual_mox
