#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "network/port.hpp"

namespace mox::modes {

/// Programs and files of the system around us that modes 5 to 7 use; the defaults are those of the rescue
/// image (docs/architecture.md).
struct Surroundings {
    /// The port of modes 5 and 6. Nothing: this machine is online by itself, mode 6 leaves its network alone.
    std::optional<network::PortChoice> port = std::nullopt;

    std::filesystem::path lease_hook =
        "/sbin/lease-hook";  ///< our program for udhcpc (network/lease_event.hpp)
    std::filesystem::path resolver_configuration = "/etc/resolv.conf";
    std::filesystem::path authorities = "/etc/ssl/certs/ca-certificates.crt";

    /// Holds seconds since 1970: no clock can rightly be behind. Missing on a PC.
    std::filesystem::path build_time = "/etc/mox-rescue/build-time";

    /// For what the rescue writes while it runs: in memory.
    std::filesystem::path run_folder = "/run/mox-rescue";

    std::filesystem::path console = {};  ///< terminal of the rescue shell; empty: there is none
    std::vector<std::string> shell{"/bin/sh", "-l"};
};

}  // namespace mox::modes
