#pragma once

#include <variant>

#include "cli/command_table.hpp"
#include "cli/medkit/commands.hpp"

namespace mox::cli {

using MedkitCommand =
    std::variant<InspectMedkit, VerifyMedkit, PackMedkit, GenerateKey, SignFile, GetMedkit, StickMedkit>;

/// The table of all commands and options of `medkit`.
[[nodiscard]] ProgramEntry medkit_table();

/// Reads the command line. Returns an exit status when there is nothing left to do: it has printed help, or
/// an error.
[[nodiscard]] std::variant<MedkitCommand, int> read_medkit_command_line(int argc, const char* const* argv);

}  // namespace mox::cli
