#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "rescue/mode_table.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// Mode 2: back to the latest snapshot, or one further back if the last call did that. Never back to factory,
/// which is mode 3.
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> roll_back_to_latest(update::Context& context);

/// Mode 3: back to `@factory`, and the boot environment to its defaults.
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> roll_back_to_factory(update::Context& context);

}  // namespace mox::rescue
