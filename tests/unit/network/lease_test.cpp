// What a DHCP server says is not believed: each value is checked before anything is done with it.
#include "network/lease.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace mox::network {
namespace {

using namespace std::chrono_literals;

Ipv4Address ip(std::string_view text) {
    return parse_ipv4(text).value();
}

const LeaseVariables good{{"ip", "10.77.0.130"},
                          {"subnet", "255.255.255.0"},
                          {"router", "10.77.0.1"},
                          {"dns", "10.77.0.1 8.8.8.8"},
                          {"lease", "120"}};

LeaseVariables good_but(const std::string& name, const std::string& value) {
    auto variables = good;
    variables[name] = value;
    return variables;
}

TEST(Lease, IsReadFromUdhcpcsVariables) {
    const auto lease = parse_lease(good);
    ASSERT_TRUE(lease) << lease.error().describe();
    const Lease expected{.interface = {ip("10.77.0.130"), 24},
                         .router = ip("10.77.0.1"),
                         .name_servers = {ip("10.77.0.1"), ip("8.8.8.8")},
                         .duration = 120s};
    EXPECT_EQ(*lease, expected);
    EXPECT_EQ(to_text(*lease),
              "10.77.0.130/24, router 10.77.0.1, name servers 10.77.0.1 8.8.8.8, for 2 min 00 s");
}

TEST(Lease, NetmaskMayBeANumberOfBits) {
    auto variables = good;
    variables.erase("subnet");
    variables["mask"] = "20";
    EXPECT_EQ(parse_lease(variables)->interface.prefix, 20);
}

TEST(Lease, NeedsAnAddressThatAHostCanHave) {
    for (const auto* address : {"", "0.0.0.0", "127.0.0.1", "224.0.0.5", "255.255.255.255", "10.77.0.0",
                                "10.77.0.255", "10.77.0.130; reboot", "::1"}) {
        const auto lease = parse_lease(good_but("ip", address));
        ASSERT_FALSE(lease) << address;
        EXPECT_EQ(lease.error().kind(), ErrorKind::network);
    }
    auto variables = good;
    variables.erase("ip");
    EXPECT_FALSE(parse_lease(variables));
}

TEST(Lease, NeedsANetmaskThatMakesSense) {
    for (const auto* mask : {"0.0.0.0", "255.0.255.0", "254.0.0.0", "none", ""})
        EXPECT_FALSE(parse_lease(good_but("subnet", mask))) << mask;
}

TEST(Lease, RouterThatCannotBeReachedIsNoRouter) {
    for (const auto* router : {"10.77.0.130", "127.0.0.1", "0.0.0.0", "$(id)", ""})
        EXPECT_FALSE(parse_lease(good_but("router", router))->router) << router;
    EXPECT_EQ(parse_lease(good_but("router", "10.78.0.1 10.77.0.2 10.77.0.3"))->router, ip("10.77.0.2"));
}

// Providers lend an address as /32, or with a router in another subnet: it is on the link.
TEST(Lease, RouterOutsideTheSubnetIsTakenWhenThereIsNoOther) {
    EXPECT_EQ(parse_lease(good_but("router", "10.78.0.1 10.78.0.2"))->router, ip("10.78.0.1"));
    auto single = good;
    single["subnet"] = "255.255.255.255";
    EXPECT_EQ(parse_lease(single)->router, ip("10.77.0.1"));
}

TEST(Lease, HasAtMostThreeNameServersAndNoneTwice) {
    const auto lease = parse_lease(good_but("dns", "127.0.0.1 1.1.1.1 1.1.1.1 x 2.2.2.2 3.3.3.3 4.4.4.4"));
    const std::vector expected{ip("1.1.1.1"), ip("2.2.2.2"), ip("3.3.3.3")};
    EXPECT_EQ(lease->name_servers, expected);
}

TEST(Lease, DurationThatIsNoneIsForgotten) {
    for (const auto* duration : {"", "-1", "4294967295", "99999999999", "1h"})
        EXPECT_FALSE(parse_lease(good_but("lease", duration))->duration) << duration;
}

TEST(Lease, EverythingElseIsIgnored) {
    auto variables = good;
    for (const auto* name : {"boot_file", "siaddr", "sname", "domain", "search", "hostname", "ntpsrv", "wpad",
                             "staticroutes", "mtu", "LD_PRELOAD"})
        variables[name] = "http://evil.example/`reboot`";
    EXPECT_EQ(*parse_lease(variables), *parse_lease(good));
}

/// The environment as udhcpc would set it.
auto environment(const std::map<std::string, std::string>& variables) {
    return [&variables](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    };
}

TEST(LeaseHook, PassesOnWhatIsWanted) {
    const std::map<std::string, std::string> variables{
        {"ip", "10.77.0.130"}, {"subnet", "255.255.255.0"}, {"domain", "evil"}, {"boot_file", "evil"}};
    const auto event = parse_lease_message(lease_message("bound", environment(variables)));
    ASSERT_TRUE(event) << event.error().describe();
    EXPECT_EQ(event->step, LeaseStep::bound);
    const LeaseVariables expected{{"ip", "10.77.0.130"}, {"subnet", "255.255.255.0"}};
    EXPECT_EQ(event->variables, expected);
}

TEST(LeaseHook, KnowsAllStepsOfUdhcpc) {
    const std::map<std::string, std::string> none;
    for (const auto* step : {"deconfig", "bound", "renew", "nak", "leasefail"})
        EXPECT_TRUE(parse_lease_message(lease_message(step, environment(none)))) << step;
    EXPECT_EQ(lease_message("", environment(none)), "");
    EXPECT_EQ(lease_message("boot", environment(none)), "");
}

TEST(LeaseHook, CutsOffWhatIsTooLong) {
    const std::map<std::string, std::string> variables{
        {"ip", "10.77.0.130"}, {"router", std::string(5000, '1')}, {"dns", "10.77.0.1"}};
    const auto message = lease_message("bound", environment(variables));
    EXPECT_LE(message.size(), longest_lease_message);
    const LeaseVariables expected{{"ip", "10.77.0.130"}, {"dns", "10.77.0.1"}};
    EXPECT_EQ(parse_lease_message(message)->variables, expected);
}

TEST(LeaseHook, OtherMessagesAreNone) {
    for (const std::string text : {"", "udhcpc: started, v1.35.0\n", "mox-lease", "mox-lease\nbound"})
        EXPECT_FALSE(parse_lease_message(text)) << text;
    EXPECT_FALSE(parse_lease_message(std::string("mox-lease\0boot", 14)));
    EXPECT_FALSE(parse_lease_message(std::string("mox-lease\0bound\0", 16) + std::string(5000, 'x')));
}

}  // namespace
}  // namespace mox::network
