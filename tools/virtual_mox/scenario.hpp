#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "console/console_progress.hpp"

namespace mox::virtual_mox {

enum class ConsoleAfterwards { yes, no };

struct ScenarioOptions {
    std::filesystem::path built;   ///< what `make image` and image/build-demo-system have built
    std::filesystem::path folder;  ///< for the images and QEMU's log
    ConsoleAfterwards console = ConsoleAfterwards::no;
    std::optional<std::filesystem::path> boot_loader{};  ///< what was read from mtd1 of a MOX
};

enum class ScenarioResult { as_expected, something_wrong, interrupted };

/// Plays the manual's sample scenario on a virtual MOX: a card with an old system that does not start, a
/// stick with the demo's medkit; power-on with the button held, modes 1 to 3 declined, mode 4 executed,
/// reboot, login of the new system. Then the card is checked from outside. Everything is told on `console`.
/// Errors: the play could not be set up, or the board did something that has no place in it.
[[nodiscard]] Expected<ScenarioResult> play_sample_scenario(const ScenarioOptions& options,
                                                            console::Console& console);

}  // namespace mox::virtual_mox
