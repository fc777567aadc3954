#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "rescue/mode_table.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// Mode 6: flash from the internet. Downloads the latest medkit and its signature into memory, through the
/// one port of the board; writes nothing before the signature is verified. Then it installs like mode 4, with
/// the same restart contract (install.cpp).
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> flash_from_internet(update::Context& context);

}  // namespace mox::rescue
