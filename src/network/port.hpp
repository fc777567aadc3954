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

/// How to find a network port.
struct PortChoice {
    /// Its controller in the sysfs path (base/device_path.hpp): "d0030000.". Names of interfaces depend on
    /// the order in which drivers find them. Empty: by `name`.
    std::string controller;
    std::string name;  ///< name of the interface, if `controller` is empty: "eth0"

    /// For messages: "the network port eth0".
    [[nodiscard]] std::string describe() const;
};

/// Returns the port among `links`. `sysfs`: "/sys". nullopt: the port does not exist; another port is never
/// used.
[[nodiscard]] std::optional<Link> find_port(const std::vector<Link>& links, const PortChoice& choice,
                                            const std::filesystem::path& sysfs);

/// Reports changes of the network ports (RTMGRP_LINK). Start it before the first check of a port, so that no
/// change is missed.
class PortWatch {
public:
    /// Errors (`network`): the socket cannot be opened.
    [[nodiscard]] static Expected<PortWatch> start();

    /// Waits for the next change of any port. Returns false when `deadline` comes first.
    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline);

private:
    explicit PortWatch(UniqueFd socket) : socket_(std::move(socket)) {}

    UniqueFd socket_;
};

/// How long the driver may need until the port exists, after the start of the rescue program.
inline constexpr std::chrono::seconds wait_for_port{5};

/// Waits until the port exists and switches it on. Errors (`network`): it does not exist in time.
[[nodiscard]] boost::asio::awaitable<Expected<Link>> switch_on_port(PortChoice choice);

/// Whether the port has a link. Errors (`network`): the kernel does not report it.
[[nodiscard]] Expected<bool> has_carrier(const Link& port);

/// Waits until the port has a link. Errors (`network`): it has none before `deadline`.
[[nodiscard]] boost::asio::awaitable<Expected<void>> wait_for_carrier(Link port, Clock::time_point deadline);

}  // namespace mox::network
