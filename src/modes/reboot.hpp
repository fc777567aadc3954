#pragma once

#include "modes/mode_table.hpp"

namespace mox::modes {

/// Mode 1, "standard reboot": changes nothing but a restart marker, which it takes away, and leaves the
/// reboot to the caller.
[[nodiscard]] boost::asio::awaitable<Expected<Afterwards>> run_reboot(ModeContext& context);

}  // namespace mox::modes
