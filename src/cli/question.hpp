#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "console/console_progress.hpp"

namespace mox::cli {

// Questions to the user before something is erased or written.

/// Checks that there is a terminal to ask on. `consequence`: what must be confirmed, for the message. Errors
/// (is_not_confirmed): there is none.
[[nodiscard]] Expected<void> require_terminal(std::string_view consequence);

/// Asks on the terminal. Returns when a line has been typed, the terminal has gone, or a signal requests a
/// stop. Errors: is_not_confirmed, the answer is not "yes"; `internal`, a signal.
[[nodiscard]] Expected<void> ask_for_yes(console::Console& console);

/// Whether the error is that the user has not confirmed: then the exit status is exit_not_confirmed.
[[nodiscard]] bool is_not_confirmed(const Error& error);

}  // namespace mox::cli
