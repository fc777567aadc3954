#include "cli/mox_button/options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mox::cli::mox_button {

namespace {

constexpr std::string_view help = R"(Handles the button while the router runs:
  pressed for less than 4 s   graceful reboot
  held for more than 4 s      immediate reset when it is released (the LED goes dark at 4 s)
  held for 20 s and more counts as stuck: no action)";

constexpr std::string_view footer =
    R"(Configuration: /etc/mox-button.conf, and on Turris OS system.@system[0].handle_mox_button_manually.
Exit status: 0 ended by SIGTERM or SIGINT, or nothing to do; 1 see --is-enabled; 5 internal error;
64 wrong command line; 78 mistakes in the configuration (--check). See mox-button(8).)";

constexpr std::array all_options{
    OptionEntry{.names = "--check", .help = "show the configuration and its mistakes, and end"},
    OptionEntry{.names = "--is-enabled",
                .help = "end with status 0 if this program handles the button, else with 1"},
    OptionEntry{.names = "--root",
                .value = "DIRECTORY",
                .help = "configuration, input devices and LEDs below it instead of /"},
};

EarlyExit usage_error(std::string_view what) {
    return {.text = "mox-button: " + std::string(what) + "\nTry `mox-button --help`.\n",
            .status = exit_usage};
}

/// Whether the word is one of the option's names.
bool is(const OptionEntry& option, std::string_view word) {
    return std::ranges::count(names_of(option), word) > 0;
}

/// Sets what an option of the table says.
void apply(const OptionEntry& option, std::string_view value, Options& options) {
    if (option.names == "--check") options.task = Task::check;
    if (option.names == "--is-enabled") options.task = Task::is_enabled;
    if (option.names == "--root") options.root = value;
}

}  // namespace

ProgramEntry mox_button_table() {
    return {.name = "mox-button", .help = help, .footer = footer, .options = all_options};
}

std::variant<Options, EarlyExit> read_options(std::span<const char* const> words) {
    const auto program = mox_button_table();
    Options options;
    for (std::size_t position = 0; position < words.size(); ++position) {
        const std::string_view word = words[position];
        if (is(help_option, word)) return EarlyExit{.text = help_of(program)};
        if (is(version_option, word)) return EarlyExit{.text = version_line(program.name)};
        const auto* const option =
            std::ranges::find_if(all_options, [word](const OptionEntry& entry) { return is(entry, word); });
        if (option == all_options.end())
            return usage_error(word.starts_with('-') ? unknown_option(program, nullptr, word)
                                                     : std::string(word) + " is one word too many");
        std::string_view value;
        if (!option->value.empty()) {
            if (++position == words.size()) return usage_error(std::string(word) + " needs a value");
            value = words[position];
        }
        apply(*option, value, options);
    }
    return options;
}

}  // namespace mox::cli::mox_button
