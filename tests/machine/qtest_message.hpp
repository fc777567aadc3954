#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace mox::machine_test {

// QEMU's qtest protocol (softmmu/qtest.c): replies and interrupt lines. Pure.

/// The reply to the oldest command that has none yet.
struct QtestReply {
    bool ok = false;
    std::string text;  ///< what follows the word OK, or the whole line
};

/// An intercepted line has changed.
struct QtestLine {
    int number = 0;
    bool high = false;
};

using QtestMessage = std::variant<QtestReply, QtestLine>;

/// One line from QEMU. Errors (`internal`): not such a line.
[[nodiscard]] Expected<QtestMessage> parse_qtest(std::string_view line);

/// Commands, without the end of the line. `device` is a QOM path.
[[nodiscard]] std::string intercept_outputs_command(std::string_view device);
[[nodiscard]] std::string set_input_command(std::string_view device, int number, bool high);

}  // namespace mox::machine_test
