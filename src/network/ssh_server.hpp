#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/running_child.hpp"
#include "base/unique_fd.hpp"
#include "network/ipv4.hpp"

namespace mox::network {

/// An SSH server (dropbear) on `address` with an empty password for root: any computer that reaches the
/// address can log in.
struct SshServerSetup {
    Ipv4Address address;              ///< the only address on which it listens
    std::filesystem::path directory;  ///< in memory: for the host key, the log and the process number
    // Looked up in PATH.
    std::string program = "dropbear";
    std::string key_program = "dropbearkey";
};

/// The command line of dropbear: one address, empty passwords, no port forwarding in any direction, a host
/// key that is made for this run. Pure.
[[nodiscard]] std::vector<std::string> ssh_server_command(const SshServerSetup& setup);

/// Runs dropbear until the end of the scope. Open sessions go on after it.
class SshServer {
public:
    /// Makes a host key (Ed25519, some milliseconds) and returns when the server listens. First stops a
    /// server of an earlier run of this program. Errors (`internal`): a program is missing or fails.
    [[nodiscard]] static boost::asio::awaitable<Expected<SshServer>> start(SshServerSetup setup);

    /// Waits until the server has ended, which it should not: returns an error (`internal`) with the end of
    /// dropbear's log.
    [[nodiscard]] boost::asio::awaitable<Error> end();

private:
    [[nodiscard]] boost::asio::awaitable<Expected<void>> wait_until_it_listens(std::filesystem::path sign);

    SshServer(RunningChild child, std::filesystem::path log)
        : child_(std::move(child)), log_(std::move(log)) {}

    RunningChild child_;
    std::filesystem::path log_;
};

}  // namespace mox::network
