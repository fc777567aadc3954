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

/// A login for anybody who can reach `address`: dropbear, with root's empty password.
struct SshServerSetup {
    Ipv4Address address;           ///< listens there and nowhere else
    std::filesystem::path folder;  ///< in memory: for the host key, the log and the process number
    // Looked up in PATH.
    std::string program = "dropbear";
    std::string key_program = "dropbearkey";
};

/// How dropbear is called: one address, empty passwords, no forwarding of ports in any direction, a host key
/// that is as old as the session. Pure.
[[nodiscard]] std::vector<std::string> ssh_server_command(const SshServerSetup& setup);

/// dropbear, until the end of the scope. Sessions that are open then go on.
class SshServer {
public:
    /// Makes a host key (Ed25519, some milliseconds) and returns once it listens. One that an earlier run of
    /// this program has left behind is stopped first. Errors (`internal`): a program is missing, or fails.
    [[nodiscard]] static boost::asio::awaitable<Expected<SshServer>> start(SshServerSetup setup);

    /// Waits until it has ended, which it does not by itself: the answer is an error (`internal`) with the
    /// end of what dropbear has said.
    [[nodiscard]] boost::asio::awaitable<Error> end();

private:
    [[nodiscard]] boost::asio::awaitable<Expected<void>> wait_until_it_listens(std::filesystem::path sign);

    SshServer(RunningChild child, std::filesystem::path log)
        : child_(std::move(child)), log_(std::move(log)) {}

    RunningChild child_;
    std::filesystem::path log_;
};

}  // namespace mox::network
