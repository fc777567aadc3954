#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mox::virtual_mox {

/// The commands for the board that follow Ctrl-] at a terminal.
enum class BoardCommand { short_press, hold_or_let_go, power, reset, stick, card, cable, help, quit };

/// Keys that go to the board's console, and commands, in the order in which they were typed.
struct TypedKeys {
    std::string to_console;
    std::optional<BoardCommand> then{};
};

/// Separates commands (Ctrl-] and a letter) from the typed text. Ctrl-] twice sends one to the board. Pure.
class ConsoleKeys {
public:
    static constexpr char escape = '\x1d';  // Ctrl-], as in telnet

    [[nodiscard]] std::vector<TypedKeys> typed(std::string_view keys);

private:
    bool escaped_ = false;
};

/// The commands and their keys, as help text.
[[nodiscard]] std::string console_keys_help();

}  // namespace mox::virtual_mox
