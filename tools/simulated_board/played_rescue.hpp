#pragma once

#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "boot/mode.hpp"
#include "console/console_progress.hpp"
#include "led_decoder/user_model.hpp"
#include "update/context.hpp"

namespace mox::simulated_board {

enum class Player {
    sample_scenario,  ///< the person of the user manual
    keyboard,         ///< whoever sits there
};

/// What happened between power on and the end of the rescue.
struct Outcome {
    std::vector<int> announced_by_session;  ///< mode numbers, in order
    std::vector<int> read_from_led;         ///< the same, by somebody who saw only the LED
    std::optional<boot::Mode> executed;
    std::optional<Error> failure;
    bool interrupted = false;  ///< by Ctrl-C, before a mode was executed
    Clock::duration choosing{};
    Clock::duration executing{};
};

/// Powers the simulated board on with the button held, plays the boot loader, and runs the real rescue
/// session with `context` until it asks for a reboot. `context.progress` gets the front panel as listener and
/// must not be used for anything else. Errors (`internal`): the keyboard cannot be read.
[[nodiscard]] Expected<Outcome> play_rescue(update::Context& context, Player player,
                                            const led_decoder::UserModel& person, console::Console& console);

}  // namespace mox::simulated_board
