#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "console/console_progress.hpp"
#include "simulated_board/played_rescue.hpp"

namespace mox::simulated_board {

struct DemoOptions {
    std::filesystem::path medkits;  ///< directory with the files for the stick; mode 4 only
    std::filesystem::path keys;     ///< directory of trusted public keys
    std::filesystem::path images;   ///< directory for card, stick and boot environment
    Player player = Player::sample_scenario;
    /// Mode 4 is the manual's sample scenario; 2 and 3 repair a broken system (rollback_demo.hpp).
    boot::Mode mode = boot::Mode::reflash_from_drive;
};

enum class DemoResult { all_as_expected, something_wrong, interrupted };

/// Makes the images, runs the rescue and checks the card afterwards; prints a report on `console`. Errors:
/// the demo cannot be set up, or its result cannot be read.
[[nodiscard]] Expected<DemoResult> run_demo(const DemoOptions& options, console::Console& console);

}  // namespace mox::simulated_board
