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
    sample_scenario,  ///< the user of the manual's sample scenario
    keyboard,         ///< the user at the keyboard
};

/// The course of a rescue, from power on to its end.
struct Outcome {
    std::vector<int> announced_by_session;  ///< mode numbers, in order
    std::vector<int> read_from_led;         ///< the same, from the LED alone
    std::optional<boot::Mode> executed;
    std::optional<Error> failure;
    bool interrupted = false;  ///< by Ctrl-C, before a mode was executed
    Clock::duration choosing{};
    Clock::duration executing{};
};

/// Powers the simulated board on with the button held, simulates the boot loader, and runs the real rescue
/// session with `context` until it requests a reboot. `context.progress` gets the front panel as listener;
/// the caller must not use it otherwise. Errors (`internal`): the keyboard cannot be read.
[[nodiscard]] Expected<Outcome> play_rescue(update::Context& context, Player player,
                                            const led_decoder::UserModel& user, console::Console& console);

}  // namespace mox::simulated_board
