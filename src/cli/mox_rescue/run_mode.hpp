#pragma once

#include "cli/mox_rescue/options.hpp"

namespace mox::cli {

/// Runs one mode from a shell and prints the result: messages to stderr, with --json the result to stdout.
/// Returns the exit status.
[[nodiscard]] int run_one_mode(const RescueOptions& options, const RunMode& run);

}  // namespace mox::cli
