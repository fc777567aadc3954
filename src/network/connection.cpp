#include "network/connection.hpp"

#include <utility>

#include "async/waiting.hpp"
#include "network/ipv4.hpp"
#include "network/route_socket.hpp"

namespace mox::network {

namespace {

using boost::asio::awaitable;

Error without_lease(const Error& error) {
    return {ErrorKind::network, error.headline(),
            Hint{"plug the cable into a network with a DHCP server, such as another router's LAN port"}};
}

}  // namespace

awaitable<Expected<Connection>> Connection::open(ConnectionSetup setup, Log& log) {
    auto port = co_await switch_on_port(setup.port);
    if (!port) co_return pass_on(port);
    log.info("waiting for the cable in " + port->name);
    auto plugged_in = co_await wait_for_carrier(*port, Clock::now() + setup.wait_for_cable);
    if (!plugged_in) co_return pass_on(plugged_in);

    for (int round = 1;; ++round) {
        log.info("asking for an address on " + port->name + " (DHCP, round " + std::to_string(round) +
                 " of " + std::to_string(setup.tries) + ")");
        auto client = CO_TRY(DhcpClient::start({.port = port->name, .hook = setup.lease_hook}));
        Connection connection(setup, *port, std::move(client));
        auto lease = co_await connection.wait_for_lease(log);
        if (lease) co_return connection;
        log.warning(lease.error().describe());
        if (round >= setup.tries || lease.error().kind() != ErrorKind::network)
            co_return std::unexpected(without_lease(std::move(lease).error()));
    }
}

Connection::Connection(Connection&& other) noexcept
    : setup_(std::move(other.setup_)),
      port_(std::move(other.port_)),
      client_(std::move(other.client_)),
      lease_(std::exchange(other.lease_, std::nullopt)) {}

Connection::~Connection() {
    client_.stop();  // releases the lease, for which it needs the address
    lose_lease();
}

awaitable<Expected<void>> Connection::wait_for_lease(Log& log) {
    while (!lease_) {
        auto event = co_await client_.next_event();
        if (!event) co_return pass_on(event);
        CO_TRY(use(*event, log));
    }
    co_return Expected<void>();
}

awaitable<void> Connection::keep(Log& log) {
    for (;;) {
        auto event = co_await client_.next_event();
        if (!event) {
            // Transfers may still finish with the address until the server gives it to another host.
            log.warning(event.error().describe());
            co_await async::wait_until(Clock::time_point::max());
            co_return;
        }
        auto used = use(*event, log);
        if (!used) log.warning(used.error().describe());
    }
}

bool Connection::is_plugged_in() const {
    const auto carrier = has_carrier(port_);
    return carrier && *carrier;
}

Expected<void> Connection::use(const LeaseEvent& event, Log& log) {
    switch (event.step) {
        case LeaseStep::deconfig:
            if (lease_) log.warning("the DHCP server's lease has run out");
            lose_lease();
            return {};
        case LeaseStep::bound:
        case LeaseStep::renew: {
            auto lease = TRY(parse_lease(event.variables));
            return use(lease, log);
        }
        case LeaseStep::nak:
        case LeaseStep::leasefail:
            return {};
    }
    std::unreachable();
}

Expected<void> Connection::use(const Lease& lease, Log& log) {
    if (lease_ == lease) return {};
    auto socket = TRY(RouteSocket::open());
    if (lease_ && lease_->interface != lease.interface) lose_lease();
    TRY(socket.add_address(port_.index, lease.interface));
    lease_ = lease;
    if (lease.router) TRY(socket.set_default_route(port_.index, lease.interface, *lease.router));
    const auto servers = name_servers_to_ask(lease.name_servers, setup_.fallback_name_servers);
    log.info(port_.name + " is " + to_text(lease));
    return write_resolver_configuration(setup_.resolver_configuration, servers);
}

void Connection::lose_lease() {
    if (!lease_) return;
    const auto interface = std::exchange(lease_, std::nullopt)->interface;
    // The kernel removes the routes with the address. A port that is gone has no address.
    if (auto socket = RouteSocket::open()) (void)socket->remove_address(port_.index, interface);
}

}  // namespace mox::network
