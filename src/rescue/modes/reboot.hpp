#pragma once

#include "rescue/mode_table.hpp"

namespace mox::rescue {

/// Mode 1, "standard reboot": changes nothing but a restart marker, which it takes away, and leaves the
/// reboot to the caller.
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> run_reboot(update::Context& context);

}  // namespace mox::rescue
