#pragma once

#include <set>
#include <string>

#include "support/network_lab.hpp"

namespace mox::test_support {

// A scan of all ports of an address, from the peer of a NetworkLab. A port counts as closed only if the other
// side says so (a reset, or "port unreachable"); silence, or anything else, counts as open.

[[nodiscard]] std::set<int> open_tcp_ports(const NetworkLab& lab, const std::string& address);

/// Precondition: the other side's kernel is not sparing with "port unreachable" (net.ipv4.icmp_ratelimit is
/// 0, icmp_msgs_per_sec and icmp_msgs_burst are large).
[[nodiscard]] std::set<int> open_udp_ports(const NetworkLab& lab, const std::string& address);

}  // namespace mox::test_support
