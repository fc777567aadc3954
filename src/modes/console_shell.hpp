#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "modes/mode_context.hpp"

namespace mox::modes {

enum class ShellEnd {
    left,        ///< somebody has typed `exit`
    no_terminal  ///< it ended before anybody can have typed anything: there is no console
};

/// Opens a root shell with job control on the console (Surroundings::console), after the greeting, and waits
/// until it is left. It is hung up when this is cancelled. Errors (`internal`): no such terminal, no shell.
[[nodiscard]] boost::asio::awaitable<Expected<ShellEnd>> run_console_shell(ModeContext& context);

}  // namespace mox::modes
