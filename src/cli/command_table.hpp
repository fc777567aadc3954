#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mox::cli {

// The command line of a program as a table: the parser (command_parser.hpp), `--help`, the completion of the
// shell and the test of the man page use it. No streams and no CLI11 here: mox-button is a small program.

/// EX_USAGE of sysexits.h: the exit status of every program for a wrong command line.
inline constexpr int exit_usage = 64;

/// EX_NOPERM of sysexits.h: the user has not confirmed what would be done. Nothing was done.
inline constexpr int exit_not_confirmed = 77;

struct OptionEntry {
    std::string_view names;       ///< "-t,--type"
    std::string_view value = {};  ///< its metavariable, "TYPE"; empty: the option has no value
    std::string_view help = {};
    bool may_repeat = false;
};

struct CommandEntry {
    std::string_view name = {};
    std::string_view words = {};  ///< "[N] DIRECTORY", "N...", "[N...]"; the number of words is checked by it
    std::string_view help = {};
    std::span<const OptionEntry> options = {};
};

struct ProgramEntry {
    std::string_view name;
    std::string_view help;
    std::string_view footer;
    std::span<const OptionEntry> options;  ///< before and behind every command
    std::vector<CommandEntry> commands{};
};

/// `--help` and `--version`, which every program has.
inline constexpr OptionEntry help_option{.names = "-h,--help", .help = "show this help"};
inline constexpr OptionEntry version_option{.names = "--version", .help = "show name and version"};

/// How many words a command takes besides its options.
struct WordCount {
    std::size_t least = 0;
    std::size_t most = 0;
};

/// Reads `words` of a CommandEntry: one in brackets may be missing, one with "..." may repeat.
[[nodiscard]] WordCount count_of(std::string_view words);

/// "-t,--type" as {"-t", "--type"}.
[[nodiscard]] std::vector<std::string_view> names_of(const OptionEntry& option);

/// The help of a program, or of one of its commands.
[[nodiscard]] std::string help_of(const ProgramEntry& program);
[[nodiscard]] std::string help_of(const ProgramEntry& program, const CommandEntry& command);

/// "schnapps 1.0\n".
[[nodiscard]] std::string version_line(std::string_view program);

/// The completion script for bash.
[[nodiscard]] std::string bash_completion(const ProgramEntry& program);

/// "; did you mean X?" with the known word that is nearest to `word`; empty when none is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

/// "there is no command creat; did you mean create?" and the same of an option. `command` may be null.
[[nodiscard]] std::string unknown_command(const ProgramEntry& program, std::string_view word);
[[nodiscard]] std::string unknown_option(const ProgramEntry& program, const CommandEntry* command,
                                         std::string_view word);

/// Whether a word reads like a number or a range of numbers, so that it is not meant as a path.
[[nodiscard]] bool is_like_number(std::string_view word);

/// "5 is a number, but a directory is meant; write ./5 for a directory of that name".
[[nodiscard]] std::string number_for_path(std::string_view word, std::string_view meant);

}  // namespace mox::cli
