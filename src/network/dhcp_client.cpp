#include "network/dhcp_client.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "async/waiting.hpp"

namespace mox::network {

namespace {

using boost::asio::awaitable;

// One round of requests takes about 12 s: a switch may not forward packets for some seconds after the link is
// up.
constexpr auto requests = "4";
constexpr auto seconds_between_requests = "3";

}  // namespace

std::vector<std::string> dhcp_client_command(const DhcpClientSetup& setup) {
    return {setup.program,
            "-f",  // in the foreground
            "-n",  // end when no server answers
            "-R",  // release the lease at the end
            "-i",          setup.port, "-s", setup.hook.native(),
            "-t",          requests,   "-T", seconds_between_requests,
            "-o",  // request only
            "-O",          "subnet",   "-O", "router",
            "-O",          "dns",      "-O", "lease"};
}

Expected<DhcpClient> DhcpClient::start(const DhcpClientSetup& setup) {
    // The hook inherits udhcpc's standard output. Each call of the hook sends one packet, so that two
    // messages never mix.
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno(ErrorKind::internal, "socketpair");
    UniqueFd ours(ends[0]);
    const UniqueFd hooks(ends[1]);
    auto child = TRY(RunningChild::start({.argv = dhcp_client_command(setup), .output = hooks.get()}));
    return DhcpClient(std::move(child), std::move(ours));
}

awaitable<Expected<LeaseEvent>> DhcpClient::next_event() {
    std::array<char, longest_lease_message + 1> message{};
    for (;;) {
        const bool waiting = co_await async::readable_before(events_.get(), Clock::time_point::max());
        if (!waiting) continue;
        const ssize_t got = ::recv(events_.get(), message.data(), message.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got < 0) co_return fail_errno(ErrorKind::internal, "messages of the lease hook");
        if (got == 0) {
            // All writers have closed the socket: udhcpc has ended.
            const int status = co_await async::end_of(child_);
            co_return fail(ErrorKind::network, "no DHCP server has answered (udhcpc ended with status " +
                                                   std::to_string(status) + ")");
        }
        auto event = parse_lease_message({message.data(), static_cast<std::size_t>(got)});
        if (event) co_return event;
        // Output of udhcpc itself is ignored.
    }
}

}  // namespace mox::network
