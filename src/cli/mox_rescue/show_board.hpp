#pragma once

#include "cli/mox_rescue/options.hpp"

namespace mox::cli {

/// Prints the description of this machine's board, or of a board file, as the text of a board file. Returns
/// the exit status.
[[nodiscard]] int show_board(const ShowBoard& command);

}  // namespace mox::cli
