#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "rescue/mode_table.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// Mode 7: a root shell on the serial console, in the rescue system as it is. Leaving it reboots, and so does
/// a press of the button, in this mode only (the manual). Changes nothing by itself.
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> rescue_shell(update::Context& context);

/// Opens a root shell with job control on the console (SystemPaths::console), after the greeting, and waits
/// until it is left. It is hung up when this is cancelled. Errors (`internal`): no console, one that is no
/// terminal, no shell.
[[nodiscard]] boost::asio::awaitable<Expected<void>> run_console_shell(update::Context& context);

}  // namespace mox::rescue
