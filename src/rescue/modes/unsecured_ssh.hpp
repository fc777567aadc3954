#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "base/error.hpp"
#include "rescue/mode_table.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// The router's address in mode 5 (user manual).
inline constexpr std::string_view ssh_address = "192.168.1.1";
inline constexpr int ssh_prefix = 24;

/// Mode 5: root can log in over SSH without a password, on one port of the router only, and a shell runs on
/// the serial console. Runs until the user reboots (`reboot` in a session) or leaves the shell of the
/// console. The mode itself does not change the card.
[[nodiscard]] boost::asio::awaitable<Expected<ModeOutcome>> unsecured_ssh(update::Context& context);

}  // namespace mox::rescue
