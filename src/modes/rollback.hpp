#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "modes/mode_context.hpp"
#include "modes/mode_table.hpp"

namespace mox::modes {

/// Mode 2: back to the latest snapshot, or one further back if that was done last time. Never to factory:
/// that is what mode 3 is for.
[[nodiscard]] boost::asio::awaitable<Expected<Afterwards>> roll_back_to_latest(ModeContext& context);

/// Mode 3: back to `@factory`, and the boot environment to its defaults.
[[nodiscard]] boost::asio::awaitable<Expected<Afterwards>> roll_back_to_factory(ModeContext& context);

}  // namespace mox::modes
