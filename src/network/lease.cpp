#include "network/lease.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "base/units.hpp"

namespace mox::network {

namespace {

/// The resolver does not read more (resolv.h, MAXNS).
constexpr std::size_t most_name_servers = 3;
/// A larger network than a /8 has no single owner.
constexpr int shortest_prefix = 8;

std::string_view value_of(const LeaseVariables& variables, std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string_view() : std::string_view(found->second);
}

/// The addresses among blank-separated words, in order.
std::vector<Ipv4Address> addresses_in(std::string_view text) {
    std::vector<Ipv4Address> addresses;
    while (!text.empty()) {
        const auto length = std::min(text.find(' '), text.size());
        if (const auto address = parse_ipv4(text.substr(0, length))) addresses.push_back(*address);
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return addresses;
}

/// `subnet` is a netmask, `mask` the same as a number of bits.
std::optional<int> prefix_in(const LeaseVariables& variables) {
    if (const auto mask = parse_ipv4(value_of(variables, "subnet"))) return prefix_of_mask(*mask);
    return whole_number<int>(value_of(variables, "mask"));
}

bool is_whole_network(const Ipv4Interface& interface) {
    const auto host_part = interface.address.value & ~interface.mask();
    return interface.prefix <= 30 && (host_part == 0 || interface.address == interface.broadcast());
}

Expected<Ipv4Interface> interface_in(const LeaseVariables& variables) {
    const auto address = parse_ipv4(value_of(variables, "ip"));
    if (!address || !is_host(*address))
        return fail(ErrorKind::network, "the DHCP server offers an address that no host can have");
    const auto prefix = prefix_in(variables);
    if (!prefix || *prefix < shortest_prefix || *prefix > 32)
        return fail(ErrorKind::network,
                    "the DHCP server offers " + to_text(*address) + " with a netmask that is not valid");
    const Ipv4Interface interface{*address, *prefix};
    if (is_whole_network(interface))
        return fail(ErrorKind::network,
                    "the DHCP server offers " + to_text(interface) + ", which is not a host of that network");
    return interface;
}

std::optional<Ipv4Address> router_in(const LeaseVariables& variables, const Ipv4Interface& interface) {
    auto routers = addresses_in(value_of(variables, "router"));
    std::erase_if(routers, [&](auto router) { return !is_host(router) || router == interface.address; });
    if (routers.empty()) return std::nullopt;
    const auto reached =
        std::ranges::find_if(routers, [&](auto router) { return interface.reaches(router); });
    return reached == routers.end() ? routers.front() : *reached;
}

std::vector<Ipv4Address> name_servers_in(const LeaseVariables& variables) {
    std::vector<Ipv4Address> servers;
    for (const auto server : addresses_in(value_of(variables, "dns"))) {
        if (!is_host(server) || std::ranges::find(servers, server) != servers.end()) continue;
        if (servers.size() == most_name_servers) break;
        servers.push_back(server);
    }
    return servers;
}

}  // namespace

Expected<Lease> parse_lease(const LeaseVariables& variables) {
    const auto interface = TRY(interface_in(variables));
    Lease lease{.interface = interface,
                .router = router_in(variables, interface),
                .name_servers = name_servers_in(variables),
                .duration = {}};
    if (const auto seconds = whole_number<std::uint32_t>(value_of(variables, "lease"));
        seconds && *seconds != UINT32_MAX)  // RFC 2132, 9.2: infinity
        lease.duration = std::chrono::seconds(*seconds);
    return lease;
}

std::string to_text(const Lease& lease) {
    auto text = to_text(lease.interface);
    text += lease.router ? ", router " + to_text(*lease.router) : std::string(", no router");
    text += lease.name_servers.empty() ? ", no name server" : ", name servers";
    for (const auto server : lease.name_servers) text += " " + to_text(server);
    if (lease.duration) text += ", for " + mox::to_text(std::chrono::nanoseconds(*lease.duration));
    return text;
}

namespace {

/// "mox-lease\0STEP\0NAME=VALUE\0..."
constexpr std::string_view first_word = "mox-lease";

constexpr std::array<std::pair<std::string_view, LeaseStep>, 5> steps{{
    {"deconfig", LeaseStep::deconfig},
    {"bound", LeaseStep::bound},
    {"renew", LeaseStep::renew},
    {"nak", LeaseStep::nak},
    {"leasefail", LeaseStep::leasefail},
}};

constexpr std::array wanted{"ip", "subnet", "mask", "router", "dns", "lease"};

std::string_view take_word(std::string_view& text) {
    return take_until(text, '\0');
}

}  // namespace

std::string lease_message(std::string_view step, const std::function<const char*(const char*)>& variable) {
    if (std::ranges::find(steps, step, &decltype(steps)::value_type::first) == steps.end()) return {};
    std::string message(first_word);
    message += '\0';
    message += step;
    for (const auto* name : wanted) {
        const auto* value = variable(name);
        if (value == nullptr) continue;
        const std::string_view text(value);
        if (message.size() + std::string_view(name).size() + text.size() + 2 > longest_lease_message)
            continue;
        message += '\0';
        message += name;
        message += '=';
        message += text;
    }
    return message;
}

Expected<LeaseEvent> parse_lease_message(std::string_view message) {
    if (message.size() > longest_lease_message || take_word(message) != first_word)
        return fail(ErrorKind::internal, "not a message of the lease hook");
    const auto* const step =
        std::ranges::find(steps, take_word(message), &decltype(steps)::value_type::first);
    if (step == steps.end()) return fail(ErrorKind::internal, "the lease hook sent an unknown step");
    LeaseEvent event{step->second, {}};
    while (!message.empty()) {
        const auto word = take_word(message);
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        event.variables.emplace(word.substr(0, equals), word.substr(equals + 1));
    }
    return event;
}

}  // namespace mox::network
