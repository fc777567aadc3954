#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/running_child.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "network/lease.hpp"

namespace mox::network {

/// The DHCP client is busybox's udhcpc; the lease hook (lease.hpp) returns its results.
struct DhcpClientSetup {
    std::string port;                ///< interface: "eth0"
    std::filesystem::path hook;      ///< the lease hook's program, called with the step as its only argument
    std::string program = "udhcpc";  ///< looked up in PATH
};

/// udhcpc on one port. At the end of the scope it releases the lease and ends.
class DhcpClient {
public:
    /// Errors (`internal`): there is no udhcpc.
    [[nodiscard]] static Expected<DhcpClient> start(const DhcpClientSetup& setup);

    /// Waits for the next event. Errors (`network`): no server has answered, or udhcpc has ended; or as
    /// RunningChild.
    [[nodiscard]] boost::asio::awaitable<Expected<LeaseEvent>> next_event();

    /// Releases the lease and ends udhcpc.
    void stop() { child_.stop(); }

private:
    DhcpClient(RunningChild child, UniqueFd events) : child_(std::move(child)), events_(std::move(events)) {}

    RunningChild child_;
    UniqueFd events_;
};

/// The command line of udhcpc, without its path: it requests only netmask, router, name servers and duration;
/// sends no host name; ends when no server answers. Pure.
[[nodiscard]] std::vector<std::string> dhcp_client_command(const DhcpClientSetup& setup);

}  // namespace mox::network
