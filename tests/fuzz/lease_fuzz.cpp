// A DHCP server may say anything: what comes through the lease hook must be an address that a host can have,
// or nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "network/ipv4.hpp"
#include "network/lease.hpp"

namespace {

using namespace mox::network;

void require(bool truth) {
    if (!truth) std::abort();
}

void check(const Lease& lease) {
    require(is_host(lease.interface.address));
    require(lease.interface.prefix >= 8 && lease.interface.prefix <= 32);
    require(!lease.router || (is_host(*lease.router) && lease.interface.reaches(*lease.router)));
    require(!lease.router || *lease.router != lease.interface.address);
    require(lease.name_servers.size() <= 3);
    for (const auto server : lease.name_servers) require(is_host(server));
    // Only numbers, dots and our own words reach the resolver and the console.
    for (const char letter : to_text(lease) + resolver_configuration(lease.name_servers))
        require((letter >= ' ' && letter <= '~') || letter == '\n');
}

/// The input as the environment of the hook: "NAME=VALUE" up to the next NUL.
std::map<std::string, std::string> environment_in(std::string_view text) {
    std::map<std::string, std::string> variables;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find('\0'));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        const auto equals = word.find('=');
        if (equals != std::string_view::npos)
            variables[std::string(word.substr(0, equals))] = word.substr(equals + 1);
    }
    return variables;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto event = parse_lease_message(text))
        if (const auto lease = parse_lease(event->variables)) check(*lease);

    const auto environment = environment_in(text);
    const auto message = lease_message("bound", [&](const char* name) -> const char* {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    });
    require(message.size() <= longest_lease_message);
    const auto event = parse_lease_message(message);
    require(event.has_value());
    if (const auto lease = parse_lease(event->variables)) check(*lease);
    return 0;
}
