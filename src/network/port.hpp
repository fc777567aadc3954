#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "network/route_socket.hpp"

namespace mox::network {

/// Which network port is meant.
struct PortChoice {
    /// What its sysfs path leads through (base/device_path.hpp): "d0030000.". Interfaces are numbered in the
    /// order in which drivers find them. Empty: by name.
    std::string controller;
    std::string name;  ///< of the interface, if there is no controller to go by: "eth0"

    /// For people: "the port eth0".
    [[nodiscard]] std::string describe() const;
};

/// Picks the port among `links`. `sysfs` is where the kernel tells of devices ("/sys"). Nothing when it is
/// not there; never another one in its place.
[[nodiscard]] std::optional<Link> find_port(const std::vector<Link>& links, const PortChoice& choice,
                                            const std::filesystem::path& sysfs);

/// Tells of changes of the network ports, by listening to the kernel (RTMGRP_LINK). Make it before the first
/// look at a port: what comes later is then never missed.
class PortWatch {
public:
    /// Errors (`network`): the kernel cannot be listened to.
    [[nodiscard]] static Expected<PortWatch> start();

    /// Waits for the next change of any port: true; false when `deadline` came first.
    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline);

private:
    explicit PortWatch(UniqueFd socket) : socket_(std::move(socket)) {}

    UniqueFd socket_;
};

/// How long a driver may take to find the port after the rescue program has started.
inline constexpr std::chrono::seconds wait_for_port{5};

/// Waits until the port is there and switches it on. Errors (`network`): it is not there in time.
[[nodiscard]] boost::asio::awaitable<Expected<Link>> switch_on_port(PortChoice choice);

/// Whether somebody is at the other end of the cable. Errors (`network`): the kernel does not tell.
[[nodiscard]] Expected<bool> has_carrier(const Link& port);

/// Waits until somebody is at the other end of the cable. Errors (`network`): not before `deadline`.
[[nodiscard]] boost::asio::awaitable<Expected<void>> wait_for_carrier(Link port, Clock::time_point deadline);

}  // namespace mox::network
