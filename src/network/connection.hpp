#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "network/dhcp_client.hpp"
#include "network/ipv4.hpp"
#include "network/lease.hpp"
#include "network/port.hpp"

namespace mox::network {

/// How to connect the router to the network.
struct ConnectionSetup {
    PortChoice port;
    std::filesystem::path lease_hook;
    std::filesystem::path resolver_configuration;  ///< "/etc/resolv.conf"
    std::vector<Ipv4Address> fallback_name_servers;

    std::chrono::seconds wait_for_cable{30};  ///< autonegotiation may take seconds
    int tries = 3;                            ///< rounds of DHCP requests
};

/// A port with an address from DHCP. Name servers and the default route are set too. At the end of the scope
/// the lease is released and the address removed.
class Connection {
public:
    /// Switches the port on, waits for the cable, requests a lease. Errors (`network`): which of these
    /// failed, and what to try.
    [[nodiscard]] static boost::asio::awaitable<Expected<Connection>> open(ConnectionSetup setup, Log& log);

    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&&) = delete;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    [[nodiscard]] const std::optional<Lease>& lease() const { return lease_; }

    /// Handles the messages of the DHCP server while the connection is used: renewals, another address, the
    /// end of the lease. Never ends by itself; the caller cancels it.
    [[nodiscard]] boost::asio::awaitable<void> keep(Log& log);

    /// Whether the port has a link.
    [[nodiscard]] bool is_plugged_in() const;

private:
    Connection(ConnectionSetup setup, Link port, DhcpClient client)
        : setup_(std::move(setup)), port_(std::move(port)), client_(std::move(client)) {}

    [[nodiscard]] boost::asio::awaitable<Expected<void>> wait_for_lease(Log& log);
    [[nodiscard]] Expected<void> use(const LeaseEvent& event, Log& log);
    [[nodiscard]] Expected<void> use(const Lease& lease, Log& log);
    void lose_lease();

    ConnectionSetup setup_;
    Link port_;
    DhcpClient client_;
    std::optional<Lease> lease_;
};

}  // namespace mox::network
