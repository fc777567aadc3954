#pragma once

#include "base/error.hpp"
#include "network/ipv4.hpp"
#include "network/route_socket.hpp"

namespace mox::network {

/// Sends an ARP announcement (RFC 5227, 2.3) for `address` on `port`: a computer whose ARP request had no
/// answer before then does not need to repeat it. Errors (`network`).
[[nodiscard]] Expected<void> announce_address(const Link& port, Ipv4Address address);

}  // namespace mox::network
