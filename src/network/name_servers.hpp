#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "network/ipv4.hpp"

namespace mox::network {

/// Which servers to ask, in order: those of the lease, and behind them the board's own, for networks whose
/// server is missing or silent. At most three, because the resolver reads no more; the last place is one of
/// `fallback` if there are any. Pure.
[[nodiscard]] std::vector<Ipv4Address> name_servers_to_ask(std::span<const Ipv4Address> from_lease,
                                                           std::span<const Ipv4Address> fallback);

/// The resolver's configuration (resolv.conf(5)): the servers, no search domains, and short time-outs: with
/// three silent servers a name is given up after 12 s.
[[nodiscard]] std::string resolver_configuration(std::span<const Ipv4Address> servers);

/// Writes it, through a symlink if `file` is one. Errors (`internal`): it cannot be written.
[[nodiscard]] Expected<void> write_resolver_configuration(const std::filesystem::path& file,
                                                          std::span<const Ipv4Address> servers);

}  // namespace mox::network
