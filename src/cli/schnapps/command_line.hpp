#pragma once

#include <optional>
#include <string>
#include <variant>

#include "cli/command_table.hpp"
#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/session.hpp"

namespace mox::cli::schnapps {

/// The request of the user.
struct Request {
    GlobalOptions options;
    Command command;
};

/// The table of all commands and options.
[[nodiscard]] ProgramEntry program_table();

/// Reads the command line. Returns an exit status instead of a request when there is nothing left to do: it
/// has printed help (to standard output), or an error (to standard error).
[[nodiscard]] std::variant<Request, int> read_command_line(int argc, const char* const* argv);

}  // namespace mox::cli::schnapps
