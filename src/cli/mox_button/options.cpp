#include "cli/mox_button/options.hpp"

#include <string_view>

#include "cli/version.hpp"

namespace mox::cli::mox_button {

namespace {

constexpr int exit_usage = 64;  // EX_USAGE of sysexits.h

constexpr std::string_view help =
    R"(Handles the button while the router runs:
  pressed for less than 4 s   graceful reboot
  held for more than 4 s      immediate reset when it is released (the LED goes dark at 4 s)
  held for 20 s and more counts as stuck: no action

Usage: mox-button [OPTION]
  --check        show the configuration and its mistakes, and end
  --is-enabled   end with status 0 if this program handles the button, else with 1
  --root FOLDER  configuration, input devices and LEDs below FOLDER instead of /
  --help         this text
  --version

Configuration: /etc/mox-button.conf, and on Turris OS system.@system[0].handle_mox_button_manually.
Exit status: 0 ended by SIGTERM or SIGINT, or nothing to do; 1 see --is-enabled; 5 internal error;
64 wrong command line; 78 mistakes in the configuration (--check). See mox-button(8).
)";

EarlyExit usage_error(std::string_view what) {
    return {.text = "mox-button: " + std::string(what) + "; see mox-button --help\n", .status = exit_usage};
}

}  // namespace

std::variant<Options, EarlyExit> read_options(std::span<const char* const> words) {
    Options options;
    for (std::size_t position = 0; position < words.size(); ++position) {
        const std::string_view word = words[position];
        if (word == "--help") return EarlyExit{.text = std::string(help)};
        if (word == "--version") return EarlyExit{.text = std::string(version) + "\n"};
        if (word == "--check") {
            options.task = Task::check;
        } else if (word == "--is-enabled") {
            options.task = Task::is_enabled;
        } else if (word == "--root") {
            if (++position == words.size()) return usage_error("--root needs a directory");
            options.root = words[position];
        } else {
            return usage_error("there is no option " + std::string(word));
        }
    }
    return options;
}

}  // namespace mox::cli::mox_button
