#include "network/ipv4.hpp"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <system_error>

#include "base/file.hpp"

namespace mox::network {

namespace {

/// Removes "0" to "255" from the front of `text`, and returns it.
std::optional<std::uint32_t> take_number(std::string_view& text) {
    if (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') return std::nullopt;
    std::uint8_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

}  // namespace

std::optional<Ipv4Address> parse_ipv4(std::string_view text) {
    Ipv4Address address;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (!text.starts_with('.')) return std::nullopt;
            text.remove_prefix(1);
        }
        const auto number = take_number(text);
        if (!number) return std::nullopt;
        address.value = address.value << 8 | *number;
    }
    if (!text.empty()) return std::nullopt;
    return address;
}

std::string to_text(Ipv4Address address) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string(address.value >> shift & 0xff);
        if (shift > 0) text += '.';
    }
    return text;
}

bool is_host(Ipv4Address address) {
    const auto first = address.value >> 24;
    constexpr std::uint32_t this_network = 0;
    constexpr std::uint32_t loopback = 127;
    constexpr std::uint32_t multicast_and_above = 224;
    return first != this_network && first != loopback && first < multicast_and_above;
}

std::optional<Ipv4Address> Ipv4Interface::broadcast() const {
    if (prefix > 30) return std::nullopt;
    return Ipv4Address{address.value | ~mask()};
}

std::string to_text(const Ipv4Interface& interface) {
    return to_text(interface.address) + "/" + std::to_string(interface.prefix);
}

std::optional<int> prefix_of_mask(Ipv4Address mask) {
    const int ones = std::countl_one(mask.value);
    if (std::popcount(mask.value) != ones) return std::nullopt;
    return ones;
}

namespace {

constexpr std::size_t most = 3;  // resolv.h, MAXNS

}  // namespace

std::vector<Ipv4Address> name_servers_to_ask(std::span<const Ipv4Address> from_lease,
                                             std::span<const Ipv4Address> fallback) {
    std::vector<Ipv4Address> servers;
    const auto add = [&](std::span<const Ipv4Address> more, std::size_t up_to) {
        for (const auto server : more)
            if (servers.size() < up_to && std::ranges::find(servers, server) == servers.end())
                servers.push_back(server);
    };
    add(from_lease, fallback.empty() ? most : most - 1);
    add(fallback, most);
    return servers;
}

std::string resolver_configuration(std::span<const Ipv4Address> servers) {
    std::string text = "search .\noptions timeout:2 attempts:2\n";
    for (const auto server : servers) text += "nameserver " + to_text(server) + "\n";
    return text;
}

Expected<void> write_resolver_configuration(const std::filesystem::path& file,
                                            std::span<const Ipv4Address> servers) {
    auto opened = TRY(open_file(file, O_WRONLY | O_CREAT | O_TRUNC, ErrorKind::internal));
    return write_all(opened.get(), resolver_configuration(servers), file.native(), ErrorKind::internal);
}

}  // namespace mox::network
