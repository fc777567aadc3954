#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::network {

/// An IPv4 address.
struct Ipv4Address {
    std::uint32_t value = 0;  ///< the first of the four numbers in the highest byte

    auto operator<=>(const Ipv4Address&) const = default;
};

/// Reads "192.168.1.1": four decimal numbers without leading zeros (old parsers read those as octal), and no
/// other text.
[[nodiscard]] std::optional<Ipv4Address> parse_ipv4(std::string_view text);

[[nodiscard]] std::string to_text(Ipv4Address address);

/// Whether a host in a network can have the address: not 0.x, 127.x, multicast, reserved or broadcast.
[[nodiscard]] bool is_host(Ipv4Address address);

/// A host's address, and the addresses that it reaches without a router.
struct Ipv4Interface {
    Ipv4Address address;
    int prefix = 0;  ///< number of bits of the network, 1 to 32

    auto operator<=>(const Ipv4Interface&) const = default;

    [[nodiscard]] std::uint32_t mask() const { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }
    [[nodiscard]] bool reaches(Ipv4Address other) const {
        return ((address.value ^ other.value) & mask()) == 0;
    }
    /// The broadcast address of the network; nullopt for a network of one or two addresses.
    [[nodiscard]] std::optional<Ipv4Address> broadcast() const;
};

/// "192.168.1.1/24"
[[nodiscard]] std::string to_text(const Ipv4Interface& interface);

/// The number of leading ones of a netmask such as 255.255.255.0; nullopt for another value.
[[nodiscard]] std::optional<int> prefix_of_mask(Ipv4Address mask);

/// The name servers in order: those of the lease, then those of the board, for networks whose server is
/// missing or does not answer. At most three, because the resolver does not read more; the last one is from
/// `fallback` if it is not empty. Pure.
[[nodiscard]] std::vector<Ipv4Address> name_servers_to_ask(std::span<const Ipv4Address> from_lease,
                                                           std::span<const Ipv4Address> fallback);

/// The resolver's configuration (resolv.conf(5)): the servers, no search domains, and short timeouts: when
/// three servers do not answer, a look-up ends after 12 s.
[[nodiscard]] std::string resolver_configuration(std::span<const Ipv4Address> servers);

/// Writes resolver_configuration() to `file`, through a symlink if it is one. Errors (`internal`): it cannot
/// be written.
[[nodiscard]] Expected<void> write_resolver_configuration(const std::filesystem::path& file,
                                                          std::span<const Ipv4Address> servers);

}  // namespace mox::network
