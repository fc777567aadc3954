#include "rescue/modes/unsecured_ssh.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "async/waiting.hpp"
#include "base/file.hpp"
#include "network/arp_announcement.hpp"
#include "network/ipv4.hpp"
#include "network/port.hpp"
#include "network/route_socket.hpp"
#include "network/ssh_server.hpp"
#include "rescue/modes/motd.hpp"
#include "rescue/modes/rescue_shell.hpp"

namespace mox::rescue {

namespace {

using boost::asio::awaitable;

Expected<network::Ipv4Interface> router_interface() {
    const auto address = network::parse_ipv4(ssh_address);
    if (!address) return fail(ErrorKind::internal, std::string(ssh_address) + " is not an address");
    return network::Ipv4Interface{*address, ssh_prefix};
}

Expected<void> take_address(const network::Link& port, const network::Ipv4Interface& interface) {
    auto socket = TRY(network::RouteSocket::open());
    return socket.add_address(port.index, interface);
}

/// Logs when the cable is plugged in and unplugged, and announces the address to the computer. Never ends.
awaitable<void> monitor_link(network::Link port, network::Ipv4Address address, Log& log) {
    auto watch = network::PortWatch::start();
    if (!watch) {
        log.warning(watch.error().describe());
        co_await async::wait_until(Clock::time_point::max());
        co_return;
    }
    for (bool before = false;;) {
        const auto carrier = network::has_carrier(port);
        const bool now = carrier && *carrier;
        if (now && !before) {
            log.info("the cable is plugged in at both ends");
            if (const auto announced = network::announce_address(port, address); !announced)
                log.warning(announced.error().describe());
        }
        if (!now && before) log.info("the cable has been unplugged");
        before = now;
        (void)co_await watch->change_before(Clock::time_point::max());
    }
}

/// Writes the motd, which is shown at each login.
void write_motd(const update::Context& context) {
    const auto& directory = context.system_paths.run_directory;
    const auto text = motd(context.board, directory / "log");
    if (const auto written = replace_file_durably(directory / "motd", text, ErrorKind::internal); !written)
        context.log.warning(written.error().describe());
}

/// Ends when the shell on the console ends. Without a console it never ends, because SSH still works.
awaitable<void> run_console(update::Context& context) {
    const auto ended = co_await run_console_shell(context);
    if (ended) co_return;
    context.log.warning(ended.error().describe());
    co_await async::wait_until(Clock::time_point::max());
}

}  // namespace

awaitable<Expected<ModeOutcome>> unsecured_ssh(update::Context& context) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (!context.system_paths.port)
        co_return fail(ErrorKind::network, "this machine is not a known router",
                       {"name the network port with --port"});
    const auto interface = CO_TRY(router_interface());
    auto port = co_await network::switch_on_port(*context.system_paths.port);
    if (!port) co_return pass_on(port);
    CO_TRY(take_address(*port, interface));
    // The user may stop this program from a shell: the server must end with it.
    boost::asio::signal_set signals(co_await boost::asio::this_coro::executor, SIGINT, SIGTERM, SIGHUP);
    const network::SshServerSetup setup{.address = interface.address,
                                        .directory = context.system_paths.run_directory / "ssh"};
    auto server = co_await network::SshServer::start(setup);
    if (!server) co_return pass_on(server);
    write_motd(context);
    context.log.info("ready: plug a computer into " + port->name +
                     ", give it the address 192.168.1.2/24, and " + "ssh root@" + std::string(ssh_address));
    context.log.warning("every computer that can reach " + port->name +
                        " can log in as root: unplug all others");

    auto first = co_await (server->end() || monitor_link(*port, interface.address, context.log) ||
                           run_console(context) || signals.async_wait(boost::asio::use_awaitable));
    constexpr std::size_t server_ended = 0;
    constexpr std::size_t console_left = 2;
    if (auto* failure = std::get_if<server_ended>(&first)) co_return std::unexpected(std::move(*failure));
    co_return first.index() == console_left ? ModeOutcome::reboot : ModeOutcome::stay;
}

}  // namespace mox::rescue
