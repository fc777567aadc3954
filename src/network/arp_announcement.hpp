#pragma once

#include "base/error.hpp"
#include "network/ipv4.hpp"
#include "network/route_socket.hpp"

namespace mox::network {

/// Tells everybody at the other end of the cable who has `address` (an ARP announcement, RFC 5227, 2.3): a
/// computer that has asked in vain before then need not wait for its next question. Errors (`network`).
[[nodiscard]] Expected<void> announce_address(const Link& port, Ipv4Address address);

}  // namespace mox::network
