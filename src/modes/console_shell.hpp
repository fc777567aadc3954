#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "modes/mode_context.hpp"

namespace mox::modes {

/// Opens a root shell with job control on the console (Surroundings::console), after the greeting, and waits
/// until it is left. It is hung up when this is cancelled. Errors (`internal`): no console, one that is no
/// terminal, no shell.
[[nodiscard]] boost::asio::awaitable<Expected<void>> run_console_shell(ModeContext& context);

}  // namespace mox::modes
