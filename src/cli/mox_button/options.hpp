#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <variant>

#include "cli/command_table.hpp"

namespace mox::cli::mox_button {

/// The task of this call.
enum class Task {
    operate,     ///< handle the button
    check,       ///< print the effective configuration and its mistakes
    is_enabled,  ///< the exit status tells whether this program handles the button
};

struct Options {
    Task task = Task::operate;
    /// The root of the system: configuration, input devices and LEDs are searched below it.
    std::filesystem::path root = "/";
};

/// The call ends here: text for the user, and the exit status.
struct EarlyExit {
    std::string text;
    int status = 0;
};

/// The table of all options of `mox-button`.
[[nodiscard]] ProgramEntry mox_button_table();

/// Reads the command line, without the name of the program.
[[nodiscard]] std::variant<Options, EarlyExit> read_options(std::span<const char* const> words);

}  // namespace mox::cli::mox_button
