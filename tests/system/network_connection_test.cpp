// A router going online: cable, DHCP and names, with dnsmasq and busybox's udhcpc.
#include "network/connection.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "async/waiting.hpp"
#include "base/child_process.hpp"
#include "support/loop_image.hpp"
#include "support/network_lab.hpp"
#include "support/network_servers.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using network::Connection;

std::string said_by(const std::vector<std::string>& argv) {
    return must(run_child(argv, 10s)).output;
}

class GoingOnline : public testing::Test {
protected:
    GoingOnline() {
        setup.port = {.controller = {}, .name = "eth0"};
        setup.lease_hook = LEASE_HOOK;
        setup.resolver_configuration = lab.folder() / "resolv.conf";
        setup.wait_for_cable = 2s;
        log.add_listener([this](const LogLine& line) { said += line.text + "\n"; });
    }

    /// Goes online, does `then` while being so, and goes offline.
    Expected<void> go_online(std::function<awaitable<void>(Connection&)> then = {}) {
        boost::asio::io_context loop;
        std::optional<Expected<void>> result;
        std::exception_ptr failed;
        boost::asio::co_spawn(loop, play(std::move(then), result),
                              [&](const std::exception_ptr& bug) { failed = bug; });
        loop.run();
        if (failed) std::rethrow_exception(failed);
        return std::move(*result);
    }

    static std::string addresses() { return said_by({"ip", "-4", "address", "show", "dev", "eth0"}); }
    static std::string routes() { return said_by({"ip", "route"}); }

    NetworkLab lab;
    network::ConnectionSetup setup;
    Log log;
    std::string said;

private:
    awaitable<void> play(std::function<awaitable<void>(Connection&)> then,
                         std::optional<Expected<void>>& result) {
        auto connection = co_await Connection::open(setup, log);
        if (!connection) {
            result.emplace(pass_on(connection));
            co_return;
        }
        if (then) co_await then(*connection);
        result.emplace();
    }
};

TEST_F(GoingOnline, GetsAddressRouteAndNameServers) {
    const DhcpServer server(lab, {"--dhcp-option=option:router,10.77.0.1"});
    setup.fallback_name_servers = {network::parse_ipv4("193.17.47.1").value()};
    const auto online = go_online([&](Connection& connection) -> awaitable<void> {
        EXPECT_EQ(connection.lease()->router, network::parse_ipv4("10.77.0.1"));
        EXPECT_TRUE(addresses().contains("inet 10.77.0.1")) << addresses();
        EXPECT_TRUE(addresses().contains("/24")) << addresses();
        EXPECT_TRUE(routes().contains("default via 10.77.0.1 dev eth0")) << routes();
        EXPECT_EQ(text_of(setup.resolver_configuration),
                  "search .\noptions timeout:2 attempts:2\nnameserver 10.77.0.1\nnameserver 193.17.47.1\n");
        co_return;
    });
    EXPECT_TRUE(online) << online.error().describe() << said;
}

/// Something beyond the router, which the peer is as well.
constexpr auto beyond = "198.51.100.7";

bool is_reached(const std::string& address) {
    return must(run_child({"busybox", "ping", "-c", "1", "-W", "5", address}, 20s)).succeeded();
}

TEST_F(GoingOnline, WithAnAddressAloneReachesTheRouterOverTheLink) {
    run(lab.at_peer({"ip", "address", "add", std::string(beyond) + "/32", "dev", "lo"}));
    const DhcpServer server(
        lab, {"--dhcp-option=option:netmask,255.255.255.255", "--dhcp-option=option:router,10.77.0.1"});
    const auto online = go_online([&](Connection&) -> awaitable<void> {
        EXPECT_TRUE(addresses().contains("/32")) << addresses();
        EXPECT_TRUE(routes().contains("10.77.0.1 dev eth0 proto dhcp scope link")) << routes();
        EXPECT_TRUE(is_reached(beyond)) << routes();
        co_return;
    });
    EXPECT_TRUE(online) << online.error().describe() << said;
    EXPECT_EQ(routes(), "");
}

TEST_F(GoingOnline, WithARouterOutsideTheSubnetReachesItOverTheLink) {
    run(lab.at_peer({"ip", "address", "add", "192.0.2.1/32", "dev", "peer0"}));
    run(lab.at_peer({"ip", "address", "add", std::string(beyond) + "/32", "dev", "lo"}));
    const DhcpServer server(lab, {"--dhcp-option=option:router,192.0.2.1"});
    const auto online = go_online([&](Connection&) -> awaitable<void> {
        EXPECT_TRUE(routes().contains("default via 192.0.2.1 dev eth0")) << routes();
        EXPECT_TRUE(is_reached(beyond)) << routes();
        co_return;
    });
    EXPECT_TRUE(online) << online.error().describe() << said;
    EXPECT_EQ(routes(), "");
}

TEST_F(GoingOnline, GivesTheLeaseBackAndLeavesNoAddress) {
    const DhcpServer server(lab);
    ASSERT_TRUE(go_online());
    EXPECT_FALSE(addresses().contains("inet ")) << addresses();
    wait_until([&] { return server.log().contains("DHCPRELEASE(peer0) 10.77.0."); },
               "the lease to come back");
}

TEST_F(GoingOnline, AsksForNothingElseAndTakesNothingElse) {
    const DhcpServer server(lab, {"--dhcp-boot=evil.img", "--domain=evil.example",
                                  "--dhcp-option-force=option:domain-search,evil.example",
                                  "--dhcp-option-force=12,evil", "--dhcp-option-force=option:mtu,68",
                                  "--dhcp-option-force=option:classless-static-route,0.0.0.0/0,10.77.0.66"});
    const auto online = go_online([&](Connection&) -> awaitable<void> {
        EXPECT_FALSE(text_of(setup.resolver_configuration).contains("evil"));
        EXPECT_FALSE(routes().contains("10.77.0.66")) << routes();
        EXPECT_TRUE(said_by({"ip", "link", "show", "eth0"}).contains("mtu 1500"));
        co_return;
    });
    EXPECT_TRUE(online) << online.error().describe();
    const auto log_text = server.log();
    const auto requested = log_text.substr(log_text.find("requested options: "));
    EXPECT_TRUE(requested.starts_with("requested options: 1:netmask, 3:router, 6:dns-server, 51:lease-time"))
        << requested.substr(0, 300);
    EXPECT_FALSE(log_text.contains("client provides name")) << log_text;
}

TEST_F(GoingOnline, WithoutACableSaysWhatToDo) {
    lab.unplug();
    const DhcpServer server(lab);
    const auto start = Clock::now();
    const auto online = go_online();
    ASSERT_FALSE(online);
    EXPECT_EQ(online.error().kind(), ErrorKind::network);
    EXPECT_TRUE(online.error().describe().contains("no cable")) << online.error().describe();
    EXPECT_GE(Clock::now() - start, 2s);
}

TEST_F(GoingOnline, WithoutThePortSaysSo) {
    setup.port.name = "eth7";
    const auto online = go_online();
    ASSERT_FALSE(online);
    EXPECT_EQ(online.error().kind(), ErrorKind::network);
    EXPECT_TRUE(online.error().describe().contains("eth7")) << online.error().describe();
}

TEST_F(GoingOnline, NoticesAThePortThatComesLate) {
    const DhcpServer server(lab);
    run({"ip", "link", "set", "eth0", "name", "other0"});
    const std::jthread driver([&] {
        std::this_thread::sleep_for(500ms);
        run({"ip", "link", "set", "other0", "name", "eth0"});
    });
    EXPECT_TRUE(go_online());
}

TEST_F(GoingOnline, NoticesACableThatIsPluggedInLater) {
    lab.unplug();
    setup.wait_for_cable = 20s;
    const DhcpServer server(lab);
    const std::jthread person([&] {
        std::this_thread::sleep_for(500ms);
        lab.plug_in();
    });
    const auto start = Clock::now();
    const auto online = go_online();
    EXPECT_TRUE(online) << online.error().describe();
    EXPECT_LT(Clock::now() - start, 15s);
}

TEST_F(GoingOnline, WithoutADhcpServerAsksAgainAndGivesUp) {
    setup.tries = 2;
    const auto online = go_online();
    ASSERT_FALSE(online);
    EXPECT_EQ(online.error().kind(), ErrorKind::network);
    EXPECT_TRUE(online.error().describe().contains("DHCP server")) << online.error().describe();
    EXPECT_TRUE(said.contains("round 2 of 2")) << said;
    EXPECT_FALSE(said.contains("round 3")) << said;
}

TEST_F(GoingOnline, GetsAnAnswerThatComesLate) {
    const DhcpServer server(lab, {"--dhcp-reply-delay=4"});
    const auto online = go_online();
    EXPECT_TRUE(online) << online.error().describe() << said;
}

TEST_F(GoingOnline, RefusesAnOfferThatMakesNoSense) {
    setup.tries = 1;
    const DhcpServer server(lab, {"--dhcp-option=option:netmask,255.0.255.0"});
    const auto online = go_online();
    ASSERT_FALSE(online);
    EXPECT_EQ(online.error().kind(), ErrorKind::network);
    EXPECT_TRUE(online.error().describe().contains("netmask")) << online.error().describe();
    EXPECT_FALSE(addresses().contains("inet ")) << addresses();
}

TEST_F(GoingOnline, FollowsAnotherAddressWhileItIsOnline) {
    using namespace boost::asio::experimental::awaitable_operators;
    std::optional<DhcpServer> server(std::in_place, lab,
                                     std::vector<std::string>{"--dhcp-host=*:*:*:*:*:*,10.77.0.150"});
    const auto online = go_online([&](Connection& connection) -> awaitable<void> {
        EXPECT_TRUE(addresses().contains("10.77.0.150/24")) << addresses();
        server.reset();
        std::filesystem::remove(lab.folder() / "leases");
        server.emplace(
            lab, std::vector<std::string>{"--dhcp-host=*:*:*:*:*:*,10.77.0.160", "--dhcp-authoritative"});
        const auto client = child_called("udhcpc");
        const auto ends = Clock::now() + 20s;
        const auto until_moved = [&]() -> awaitable<void> {
            ::kill(client, SIGUSR1);  // asks the server to renew the lease
            while (!addresses().contains("10.77.0.160/24") && Clock::now() < ends)
                co_await async::wait_until(Clock::now() + 50ms);
        };
        co_await (until_moved() || connection.keep(log));
        EXPECT_TRUE(addresses().contains("10.77.0.160/24")) << addresses() << said;
        EXPECT_FALSE(addresses().contains("10.77.0.150")) << addresses();
    });
    EXPECT_TRUE(online) << online.error().describe();
}

}  // namespace
}  // namespace mox::test_support
