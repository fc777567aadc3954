#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "modes/mode_context.hpp"
#include "modes/mode_table.hpp"

namespace mox::modes {

/// Mode 7: a root shell on the serial console, in the rescue system as it is. Leaving it reboots, and so does
/// a press of the button, in this mode only (the manual). Changes nothing by itself.
[[nodiscard]] boost::asio::awaitable<Expected<Afterwards>> rescue_shell(ModeContext& context);

}  // namespace mox::modes
