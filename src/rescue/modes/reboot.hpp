#pragma once

#include "rescue/mode_table.hpp"

namespace mox::rescue {

/// Mode 1, "standard reboot": only removes the restart marker; the caller reboots.
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> run_reboot(update::Context& context);

}  // namespace mox::rescue
