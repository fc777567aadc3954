#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "cli/command_table.hpp"

namespace mox::cli {

/// A command line that fits the table of its program.
class Parsed {
public:
    const CommandEntry* command = nullptr;  ///< null: no command was given
    std::vector<std::string> words{};       ///< its words in the order typed, without options

    /// Whether the option was given. `name`: the last of its names ("--type").
    [[nodiscard]] bool has(std::string_view name) const { return options.contains(name); }
    [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
    [[nodiscard]] std::optional<std::filesystem::path> path(std::string_view name) const;

    std::map<std::string, std::vector<std::string>, std::less<>> options{};
};

/// Text that ends the call: help or version (status 0, for standard output), or a mistake (`exit_usage`).
struct EarlyExit {
    std::string text;
    int status = 0;
};

/// Reads a command line by the table of its program. An option of the program may stand before and behind the
/// command; an option of the command with the same name comes first behind it.
[[nodiscard]] std::variant<Parsed, EarlyExit> parse(const ProgramEntry& program, int argc,
                                                    const char* const* argv);

/// "schnapps: MESSAGE\nTry `schnapps help create`.\n" with `exit_usage`. `command` may be null.
[[nodiscard]] EarlyExit usage_error(const ProgramEntry& program, const CommandEntry* command,
                                    const std::string& message);

/// The error of a word that the table accepts and the program does not. Callers make a usage_error of it.
[[nodiscard]] std::unexpected<Error> wrong_usage(std::string message);

/// A path; a word that reads like a number is not one. `meant`: "file", "directory". Errors: `wrong_usage`.
[[nodiscard]] Expected<std::string> path_in(const std::string& word, std::string_view meant);

/// Prints the text to standard output or standard error; returns the status.
[[nodiscard]] int show(const EarlyExit& early_exit);

}  // namespace mox::cli
