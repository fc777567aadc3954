#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "console/console_progress.hpp"
#include "simulated_board/played_rescue.hpp"

namespace mox::simulated_board {

struct DemoOptions {
    std::filesystem::path medkits;  ///< folder: its files are what is on the stick; mode 4 only
    std::filesystem::path keys;     ///< folder of trusted public keys
    std::filesystem::path images;   ///< folder for card, stick and boot environment
    Player player = Player::sample_scenario;
    /// Mode 4 is the manual's sample scenario; 2 and 3 bring a broken system back (rollback_demo.hpp).
    boot::Mode mode = boot::Mode::reflash_from_drive;
};

enum class DemoResult { all_as_expected, something_wrong, interrupted };

/// From making the images to the checked report of what is on the card afterwards, told on `console`.
/// Errors: the demo could not be set up or looked at.
[[nodiscard]] Expected<DemoResult> run_demo(const DemoOptions& options, console::Console& console);

}  // namespace mox::simulated_board
