#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mox::virtual_mox {

/// What somebody at a terminal does to the board with a key after Ctrl-].
enum class BoardCommand { short_press, hold_or_let_go, power, reset, stick, card, cable, help, quit };

/// Keys that go to the board's console, and commands, in the order in which they were typed.
struct TypedKeys {
    std::string to_console;
    std::optional<BoardCommand> then{};
};

/// Takes the commands out of what is typed: Ctrl-] and a letter. Ctrl-] twice is one for the board. Pure.
class ConsoleKeys {
public:
    static constexpr char escape = '\x1d';  // Ctrl-], as telnet has it

    [[nodiscard]] std::vector<TypedKeys> typed(std::string_view keys);

private:
    bool escaped_ = false;
};

/// The commands and their keys, for people.
[[nodiscard]] std::string console_keys_help();

}  // namespace mox::virtual_mox
