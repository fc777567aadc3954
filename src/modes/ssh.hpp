#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "base/error.hpp"
#include "modes/mode_context.hpp"
#include "modes/mode_table.hpp"

namespace mox::modes {

/// The router's address in mode 5 (user manual).
inline constexpr std::string_view ssh_address = "192.168.1.1";
inline constexpr int ssh_prefix = 24;

/// Mode 5: root logs in over SSH without a password, on one port of the router only; and a shell is open on
/// the serial console. Goes on until somebody reboots (`reboot` in a session) or leaves the console's shell.
/// Changes nothing on the card by itself.
[[nodiscard]] boost::asio::awaitable<Expected<Afterwards>> unsecured_ssh(ModeContext& context);

}  // namespace mox::modes
