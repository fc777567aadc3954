#pragma once

#include "base/error.hpp"
#include "boot/mode.hpp"
#include "console/console_progress.hpp"
#include "update/context.hpp"

namespace mox::cli {

/// Whether the user must confirm the mode before it changes anything.
[[nodiscard]] bool must_be_confirmed(boot::Mode mode);

/// Checks that there is a terminal to ask on. Errors (is_not_confirmed): there is none.
[[nodiscard]] Expected<void> require_terminal_for(boot::Mode mode);

/// Asks before a reboot. Errors (is_not_confirmed): the answer is not "yes".
[[nodiscard]] Expected<void> confirm_reboot(console::Console& console);

/// Asks before a mode erases the card. Errors: as ask_for_yes.
[[nodiscard]] Expected<void> confirm_erasing(console::Console& console,
                                             const update::EraseQuestion& question);

}  // namespace mox::cli
