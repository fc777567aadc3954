#include "network/name_servers.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/file.hpp"

namespace mox::network {

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
