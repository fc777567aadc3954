#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "console/console_progress.hpp"

namespace mox::virtual_mox {

enum class ConsoleAfterwards { yes, no };

struct ScenarioOptions {
    std::filesystem::path built;   ///< directory with the output of `make image` and image/build-demo-system
    std::filesystem::path folder;  ///< directory for the images and QEMU's log
    ConsoleAfterwards console = ConsoleAfterwards::no;
    std::optional<std::filesystem::path> boot_loader{};  ///< as read from mtd1 of a MOX
};

enum class ScenarioResult { as_expected, something_wrong, interrupted };

/// Plays the manual's sample scenario on a virtual MOX: a card with an old system that does not start, a
/// stick with the demo's medkit; power-on with the button held, modes 1 to 3 declined, mode 4 executed,
/// reboot, login of the new system. Then the card is checked from outside. All of it is printed on `console`.
/// Errors: the scenario cannot be set up, or the board does not follow it.
[[nodiscard]] Expected<ScenarioResult> play_sample_scenario(const ScenarioOptions& options,
                                                            console::Console& console);

}  // namespace mox::virtual_mox
