#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "played_rescue.hpp"
#include "programs/console_progress.hpp"

namespace mox::bench {

struct DemoOptions {
    std::filesystem::path medkits;  ///< folder: its files are what is on the stick; mode 4 only
    std::filesystem::path keys;     ///< folder of trusted public keys
    std::filesystem::path images;   ///< folder for card, stick and boot environment
    Player player = Player::sample_scenario;
    /// Mode 4 is the manual's sample scenario; 2 and 3 bring a broken system back (rollback_demo.hpp).
    selection::Mode mode = selection::Mode::reflash_from_drive;
};

enum class DemoResult { all_as_expected, something_wrong, interrupted };

/// From making the images to the checked report of what is on the card afterwards, told on `console`.
/// Errors: the demo could not be set up or looked at.
[[nodiscard]] Expected<DemoResult> run_demo(const DemoOptions& options, programs::Console& console);

}  // namespace mox::bench
