#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <variant>

namespace mox::cli::mox_button {

/// What mox-button is asked to do.
enum class Task {
    operate,     ///< take care of the button
    check,       ///< say how it would, and what is wrong with the configuration
    is_enabled,  ///< answer by the exit status whether it is our business at all
};

struct Options {
    Task task = Task::operate;
    /// The system whose button it is: configuration, input devices and LEDs are looked for below it.
    std::filesystem::path root = "/";
};

/// Nothing else is to be done: text for the person, and the exit status.
struct Finished {
    std::string text;
    int status = 0;
};

/// Reads the command line, without the name of the program.
[[nodiscard]] std::variant<Options, Finished> read_options(std::span<const char* const> words);

}  // namespace mox::cli::mox_button
