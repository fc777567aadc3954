#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "base/error.hpp"
#include "rescue/mode_table.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// How long mode 4 waits for a USB drive; it goes on as soon as it finds a valid medkit.
inline constexpr std::chrono::seconds wait_for_usb_drives{10};

/// Mode 4: re-flash from a USB drive or from the card itself. Verifies the medkit completely, then installs
/// it (the restart contract is in install.cpp).
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> reflash_from_drive(update::Context& context);

}  // namespace mox::rescue
