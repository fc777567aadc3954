#pragma once

#include "base/error.hpp"
#include "console/console_progress.hpp"
#include "simulated_board/demo.hpp"

namespace mox::simulated_board {

/// Breaks the system on the card, repairs it with mode 2 or 3 (`options.mode`), and checks the card; prints
/// the list of snapshots before and after. Needs no medkit. Errors: the demo cannot be set up, or its result
/// cannot be read.
[[nodiscard]] Expected<DemoResult> run_rollback_demo(const DemoOptions& options, console::Console& console);

}  // namespace mox::simulated_board
