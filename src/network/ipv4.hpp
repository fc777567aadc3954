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

/// Reads "192.168.1.1": four decimal numbers, no leading zeros (they were octal once), nothing around them.
[[nodiscard]] std::optional<Ipv4Address> parse_ipv4(std::string_view text);

[[nodiscard]] std::string to_text(Ipv4Address address);

/// An address that one host in a network can have: not 0.x, 127.x, multicast, reserved or broadcast.
[[nodiscard]] bool is_host(Ipv4Address address);

/// A host's address, and which others are reached without a router.
struct Ipv4Interface {
    Ipv4Address address;
    int prefix = 0;  ///< number of bits that name the network, 1 to 32

    auto operator<=>(const Ipv4Interface&) const = default;

    [[nodiscard]] std::uint32_t mask() const { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }
    [[nodiscard]] bool reaches(Ipv4Address other) const {
        return ((address.value ^ other.value) & mask()) == 0;
    }
    /// The address that all hosts of the network listen to. A network of one or two has none.
    [[nodiscard]] std::optional<Ipv4Address> broadcast() const;
};

/// "192.168.1.1/24"
[[nodiscard]] std::string to_text(const Ipv4Interface& interface);

/// The number of leading ones of a netmask such as 255.255.255.0; nothing if it is none.
[[nodiscard]] std::optional<int> prefix_of_mask(Ipv4Address mask);

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
