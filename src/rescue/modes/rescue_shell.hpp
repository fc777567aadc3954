#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "rescue/mode_table.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// Mode 7: a root shell on the serial console, in the running rescue system. The end of the shell reboots,
/// and so does a press of the button, in this mode only (user manual). The mode itself changes nothing.
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> rescue_shell(update::Context& context);

/// Prints the motd on the console (SystemPaths::console), starts a root shell with job control there, and
/// waits for its end. Cancellation sends SIGHUP to the shell. Errors (`internal`): there is no console, it is
/// not a terminal, or the shell cannot be started.
[[nodiscard]] boost::asio::awaitable<Expected<void>> run_console_shell(update::Context& context);

}  // namespace mox::rescue
