#include "network/port.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "async/waiting.hpp"
#include "base/device_path.hpp"
#include "base/file.hpp"

namespace mox::network {

namespace {

using boost::asio::awaitable;

bool hangs_on(std::string_view controller, const Link& link, const std::filesystem::path& sysfs) {
    std::error_code error;
    const auto device = std::filesystem::canonical(sysfs / "class/net" / link.name, error);
    if (error) return false;
    return leads_through(device, controller);
}

/// Reads all waiting messages; only their existence matters.
void drain(int socket) {
    std::array<char, 8192> buffer{};
    for (;;) {
        const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && errno != EINTR && errno != ENOBUFS) return;
    }
}

Expected<std::optional<Link>> look_for_port(const PortChoice& choice) {
    auto socket = TRY(RouteSocket::open());
    auto links = TRY(socket.links());
    return find_port(links, choice, "/sys");
}

/// Switches IPv6 off: no program here uses it, and the kernel would accept addresses and routes from any host
/// on the link. A kernel without IPv6 has no such file.
void keep_ipv6_off(const Link& port) {
    const auto file = "/proc/sys/net/ipv6/conf/" + port.name + "/disable_ipv6";
    (void)write_existing_file(file, "1", ErrorKind::network);
}

Expected<void> switch_on(const Link& port) {
    keep_ipv6_off(port);
    auto socket = TRY(RouteSocket::open());
    return socket.switch_on(port.index);
}

}  // namespace

std::string PortChoice::describe() const {
    return "the network port " + (name.empty() ? controller : name);
}

std::optional<Link> find_port(const std::vector<Link>& links, const PortChoice& choice,
                              const std::filesystem::path& sysfs) {
    const auto found = std::ranges::find_if(links, [&](const Link& link) {
        if (choice.controller.empty()) return link.name == choice.name;
        return hangs_on(choice.controller, link, sysfs);
    });
    if (found == links.end()) return std::nullopt;
    return *found;
}

Expected<PortWatch> PortWatch::start() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    if (!socket) return fail_errno(ErrorKind::network, "the kernel has no network");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(ErrorKind::network, "listening for network ports");
    return PortWatch(std::move(socket));
}

awaitable<bool> PortWatch::change_before(Clock::time_point deadline) {
    const bool changed = co_await async::readable_before(socket_.get(), deadline);
    if (changed) drain(socket_.get());
    co_return changed;
}

awaitable<Expected<Link>> switch_on_port(PortChoice choice) {
    auto watch = CO_TRY(PortWatch::start());
    const auto deadline = Clock::now() + wait_for_port;
    for (;;) {
        auto port = CO_TRY(look_for_port(choice));
        if (port) {
            CO_TRY(switch_on(*port), choice.describe());
            co_return std::move(*port);
        }
        if (!co_await watch.change_before(deadline))
            co_return fail(ErrorKind::network, choice.describe() + " does not exist");
    }
}

Expected<bool> has_carrier(const Link& port) {
    auto socket = TRY(RouteSocket::open());
    const auto links = TRY(socket.links());
    const auto link = std::ranges::find(links, port.index, &Link::index);
    return link != links.end() && link->carrier;
}

awaitable<Expected<void>> wait_for_carrier(Link port, Clock::time_point deadline) {
    auto watch = CO_TRY(PortWatch::start());
    for (;;) {
        auto carrier = CO_TRY(has_carrier(port));
        if (carrier) co_return Expected<void>();
        if (!co_await watch.change_before(deadline))
            co_return fail(
                ErrorKind::network,
                "no cable in the network port " + port.name + ", or the device at its other end is off",
                {"plug it into the port next to the power connector"});
    }
}

}  // namespace mox::network
