#pragma once

#include <optional>
#include <string>
#include <variant>

#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/session.hpp"

namespace mox::cli::schnapps {

/// EX_USAGE of sysexits.h.
inline constexpr int exit_usage = 64;

/// What the person asked for.
struct Request {
    GlobalOptions options;
    Command command;
};

/// Reads the command line. Instead of a request an exit status when there is nothing to do any more: help was
/// printed (to standard output), or a mistake was told (to standard error).
[[nodiscard]] std::variant<Request, int> read_command_line(int argc, const char* const* argv);

}  // namespace mox::cli::schnapps
