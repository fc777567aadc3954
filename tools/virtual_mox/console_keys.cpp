#include "virtual_mox/console_keys.hpp"

#include <algorithm>
#include <array>

namespace mox::virtual_mox {

namespace {

struct Key {
    char letter;
    BoardCommand command;
    std::string_view explanation;
};

constexpr std::array keys{
    Key{'b', BoardCommand::short_press, "press the button for a short time"},
    Key{'h', BoardCommand::hold_or_let_go, "hold the button down, or release it"},
    Key{'p', BoardCommand::power, "pull the power plug, and plug it in again"},
    Key{'r', BoardCommand::reset, "reset"},
    Key{'u', BoardCommand::stick, "USB stick in or out"},
    Key{'s', BoardCommand::card, "SD card in or out"},
    Key{'c', BoardCommand::cable, "network cable in or out"},
    Key{'?', BoardCommand::help, "this list"},
    Key{'q', BoardCommand::quit, "quit: the power is cut"},
};

}  // namespace

std::vector<TypedKeys> ConsoleKeys::typed(std::string_view text) {
    std::vector<TypedKeys> all(1);
    for (const char key : text) {
        if (!escaped_) {
            escaped_ = key == escape;
            if (!escaped_) all.back().to_console += key;
            continue;
        }
        escaped_ = false;
        if (key == escape) {
            all.back().to_console += key;
            continue;
        }
        const auto* const found = std::ranges::find(keys, key, &Key::letter);
        all.back().then = found == keys.end() ? BoardCommand::help : found->command;
        all.emplace_back();
    }
    if (all.back().to_console.empty()) all.pop_back();
    return all;
}

std::string console_keys_help() {
    std::string text = "Keys for the board, after Ctrl-]:\n";
    for (const auto& key : keys)
        text += std::string("  ") + key.letter + "  " + std::string(key.explanation) + "\n";
    return text + "Everything else is typed on the board's serial console.";
}

}  // namespace mox::virtual_mox
