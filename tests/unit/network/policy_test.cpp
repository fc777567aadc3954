// Small decisions of the network room, each without a network: when to try again, which name servers to ask,
// which port is meant, how udhcpc is called, and what failures mean.
#include <curl/curl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "network/dhcp_client.hpp"
#include "network/ipv4.hpp"
#include "network/port.hpp"
#include "network/retry.hpp"
#include "support/temporary_directory.hpp"

namespace mox::network {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;
namespace fs = std::filesystem;

TEST(Retries, ThreeTriesThatGetNowhereAreEnough) {
    Retries retries(RetryRules{});
    EXPECT_EQ(retries.after_failure(0_B), 2000ms);
    EXPECT_EQ(retries.after_failure(0_B), 4000ms);
    EXPECT_EQ(retries.after_failure(0_B), std::nullopt);
}

TEST(Retries, NeverEndWhileTheFileGrows) {
    Retries retries(RetryRules{});
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(retries.after_failure(64_KiB), 2000ms) << i;
    EXPECT_EQ(retries.after_failure(1_KiB), 4000ms);
    EXPECT_EQ(retries.after_failure(1_KiB), std::nullopt);
}

TEST(Retries, PausesGrowUpToALimit) {
    Retries retries({.tries = 100, .first_pause = 1s, .longest_pause = 5s, .worth_while = 1_KiB});
    std::vector<std::chrono::milliseconds> pauses;
    pauses.reserve(5);
    for (int i = 0; i < 5; ++i) pauses.push_back(retries.after_failure(0_B).value());
    const std::vector<std::chrono::milliseconds> expected{1s, 2s, 4s, 5s, 5s};
    EXPECT_EQ(pauses, expected);
}

std::vector<Ipv4Address> servers(std::initializer_list<const char*> texts) {
    std::vector<Ipv4Address> all;
    for (const auto* text : texts) all.push_back(parse_ipv4(text).value());
    return all;
}

TEST(NameServers, OfTheLeaseComeFirstAndTheBoardsOwnBehind) {
    const auto own = servers({"193.17.47.1", "185.43.135.1"});
    EXPECT_EQ(name_servers_to_ask(servers({"10.0.0.1"}), own),
              servers({"10.0.0.1", "193.17.47.1", "185.43.135.1"}));
    EXPECT_EQ(name_servers_to_ask(servers({"10.0.0.1", "10.0.0.2", "10.0.0.3"}), own),
              servers({"10.0.0.1", "10.0.0.2", "193.17.47.1"}));
    EXPECT_EQ(name_servers_to_ask({}, own), own);
    EXPECT_EQ(name_servers_to_ask(servers({"10.0.0.1", "10.0.0.2", "10.0.0.3"}), {}),
              servers({"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
    EXPECT_EQ(name_servers_to_ask(servers({"193.17.47.1"}), own), own);
}

TEST(NameServers, ConfigurationHasNoSearchDomain) {
    EXPECT_EQ(resolver_configuration(servers({"10.0.0.1", "193.17.47.1"})),
              "search .\noptions timeout:2 attempts:2\nnameserver 10.0.0.1\nnameserver 193.17.47.1\n");
}

/// A router with the device folders of its interfaces, as the kernel shows them.
class Sysfs {
public:
    void interface(const std::string& name, const std::string& device) {
        const auto folder = folder_ / ("devices/" + device + "/net/" + name);
        fs::create_directories(folder);
        fs::create_directories(folder_ / "class/net");
        fs::create_directory_symlink(folder, folder_ / ("class/net/" + name));
        links_.push_back(
            {.index = static_cast<int>(links_.size()) + 1, .name = name, .hardware_address = {}});
    }
    [[nodiscard]] std::string port(const PortChoice& choice) const {
        const auto found = find_port(links_, choice, folder_.path());
        return found ? found->name : "none";
    }

private:
    test_support::TemporaryDirectory folder_;
    std::vector<Link> links_;
};

TEST(Port, IsFoundByItsControllerWhateverItsNumber) {
    Sysfs mox;
    mox.interface("eth0", "platform/soc/d0040000.ethernet");
    mox.interface("eth1", "platform/soc/d0030000.ethernet");
    EXPECT_EQ(mox.port({.controller = "d0030000.", .name = "eth0"}), "eth1");
    EXPECT_EQ(mox.port({.controller = "d0050000.", .name = "eth0"}), "none");
}

TEST(Port, IsNeverReplacedByAnother) {
    Sysfs mox;
    mox.interface("eth0", "platform/soc/d0040000.ethernet");
    EXPECT_EQ(mox.port({.controller = "d0030000.ethernet", .name = "eth0"}), "none");
    EXPECT_EQ(mox.port({.controller = "0030000.ethernet", .name = "eth0"}), "none");
}

TEST(Port, WithoutAControllerGoesByName) {
    Sysfs machine;
    machine.interface("lan0", "pci0000:00/0000:00:06.0/virtio3");
    machine.interface("eth0", "pci0000:00/0000:00:07.0/virtio4");
    EXPECT_EQ(machine.port({.controller = "", .name = "eth0"}), "eth0");
    EXPECT_EQ(machine.port({.controller = "0000:00:06.0", .name = ""}), "lan0");
    EXPECT_EQ(machine.port({.controller = "", .name = "eth7"}), "none");
}

TEST(DhcpClient, AsksForNothingButWhatIsNeeded) {
    const auto command = dhcp_client_command({.port = "eth0", .hook = "/sbin/lease-hook"});
    std::vector<std::string> asked;
    for (std::size_t i = 0; i + 1 < command.size(); ++i)
        if (command[i] == "-O") asked.push_back(command[i + 1]);
    const std::vector<std::string> expected{"subnet", "router", "dns", "lease"};
    EXPECT_EQ(asked, expected);
    EXPECT_NE(std::ranges::find(command, "-o"), command.end());
    for (const auto* unwanted : {"-x", "-F", "-V", "-b", "-q"})
        EXPECT_EQ(std::ranges::find(command, unwanted), command.end()) << unwanted;
}

TEST(Failures, ThatMayPassAreTriedAgain) {
    for (const auto code : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
                            CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SSL_CONNECT_ERROR})
        EXPECT_EQ(meaning_of_curl_code(code, "", "repo.test").end, TransferEnd::interrupted) << code;
    for (const int status : {408, 416, 429, 500, 502, 503, 504})
        EXPECT_EQ(meaning_of_status(status, "repo.test").end, TransferEnd::interrupted) << status;
}

TEST(Failures, ThatWouldEndTheSameWayAreNot) {
    for (const auto code : {CURLE_UNSUPPORTED_PROTOCOL, CURLE_TOO_MANY_REDIRECTS, CURLE_OUT_OF_MEMORY})
        EXPECT_EQ(meaning_of_curl_code(code, "", "repo.test").end, TransferEnd::refused) << code;
    for (const int status : {0, 204, 301, 401, 403, 404, 410})
        EXPECT_EQ(meaning_of_status(status, "repo.test").end, TransferEnd::refused) << status;
}

TEST(Failures, OfIdentityAreTold) {
    for (const auto code : {CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR})
        EXPECT_EQ(meaning_of_curl_code(code, "", "repo.test").end, TransferEnd::distrusted) << code;
    const auto expired =
        meaning_of_curl_code(CURLE_PEER_FAILED_VERIFICATION, "certificate has expired", "repo.test");
    EXPECT_NE(expired.message.find("repo.test"), std::string::npos);
    EXPECT_NE(expired.message.find("certificate has expired"), std::string::npos);
}

TEST(Failures, NothingThatAServerSaysDisturbsATerminal) {
    const auto meaning = meaning_of_curl_code(CURLE_RECV_ERROR, "\x1b[2J evil \n", "repo.test");
    EXPECT_EQ(meaning.message.find('\x1b'), std::string::npos);
    EXPECT_EQ(meaning.message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace mox::network
