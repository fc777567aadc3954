#pragma once

#include "base/error.hpp"
#include "demo.hpp"
#include "programs/console_progress.hpp"

namespace mox::bench {

/// Breaks the system on the card, brings it back with mode 2 or 3 (`options.mode`), and checks the card;
/// shows the list of snapshots before and after. Needs no medkit. Errors: the demo could not be set up or
/// looked at.
[[nodiscard]] Expected<DemoResult> run_rollback_demo(const DemoOptions& options, programs::Console& console);

}  // namespace mox::bench
