// Mode 5 as a person with a computer sees it: a real SSH client at the other end of the cable.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/socket.h>

// After the C library's own headers: both define the same things.
#include <linux/if_ether.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/running_child.hpp"
#include "support/loop_image.hpp"
#include "support/network_lab.hpp"
#include "support/port_scan.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto router = "192.168.1.1";

class UnsecuredSsh : public testing::Test {
protected:
    UnsecuredSsh() {
        lab.replace_folder("/run");
        lab.replace_file("/etc/passwd", "root::0:0:root:/root:/bin/sh\n");
        lab.replace_file("/etc/shadow", "root::19000:0:99999:7:::\n");
        lab.replace_file("/etc/nsswitch.conf", "passwd: files\nshadow: files\ngroup: files\nhosts: files\n");
        run(lab.at_peer({"ip", "address", "flush", "dev", "peer0"}));
        run(lab.at_peer({"ip", "address", "add", "192.168.1.2/24", "dev", "peer0"}));
    }

    void start_mode_5() {
        const UniqueFd output(::open(said_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        mode.emplace(must(RunningChild::start({.argv = {MOX_RESCUE_PROGRAM, "run", "ssh", "--port", "eth0"},
                                               .output = output.get(),
                                               .errors = output.get()})));
        wait_until([&] { return said().contains("ready:"); }, "mode 5");
    }

    [[nodiscard]] fs::path said_file() const { return lab.folder() / "rescue.log"; }
    [[nodiscard]] std::string said() const { return text_of(said_file()); }

    /// What OpenSSH makes of it, as somebody who has never seen this router and types no password.
    [[nodiscard]] ChildResult ssh(const std::string& command,
                                  const std::vector<std::string>& options = {}) const {
        std::vector<std::string> argv{"ssh",
                                      "-F",
                                      "/dev/null",
                                      "-o",
                                      "BatchMode=yes",
                                      "-o",
                                      "StrictHostKeyChecking=no",
                                      "-o",
                                      "UserKnownHostsFile=/dev/null",
                                      "-o",
                                      "ConnectTimeout=10",
                                      "-o",
                                      "LogLevel=ERROR"};
        argv.insert(argv.end(), options.begin(), options.end());
        argv.push_back("root@" + std::string(router));
        if (!command.empty()) argv.push_back(command);
        return must(run_child(lab.at_peer(argv), 30s));
    }

    NetworkLab lab;
    std::optional<RunningChild> mode;
};

TEST_F(UnsecuredSsh, LogsInWithoutAPassword) {
    const auto start = Clock::now();
    start_mode_5();
    const auto login = ssh("id -u; echo $SSH_CONNECTION");
    EXPECT_EQ(login.exit_status, 0) << login.output;
    EXPECT_TRUE(login.output.starts_with("0\n192.168.1.2 ")) << login.output;
    EXPECT_LT(Clock::now() - start, 10s);
}

TEST_F(UnsecuredSsh, IsReadyWithinTwoSeconds) {
    const auto start = Clock::now();
    start_mode_5();
    EXPECT_LT(Clock::now() - start, 2s) << said();
    EXPECT_TRUE(
        must(run_child({"ip", "address", "show", "eth0"}, 5s)).output.contains("inet 192.168.1.1/24"));
}

TEST_F(UnsecuredSsh, LeavesAGreetingThatTellsWhatIsPossible) {
    start_mode_5();
    const auto motd = ssh("cat /run/mox-rescue/motd").output;
    for (const auto* words : {"rescue system", "mox-rescue mount", "schnapps", "umount", "reboot"})
        EXPECT_TRUE(motd.contains(words)) << motd;
}

TEST_F(UnsecuredSsh, HasAHostKeyOfItsOwnEachTime) {
    start_mode_5();
    const auto keys = [&] {
        return must(run_child(lab.at_peer({"ssh-keyscan", "-t", "ed25519", router}), 30s));
    };
    const auto first = keys().output;
    EXPECT_TRUE(first.contains("ssh-ed25519")) << first;
    mode.reset();
    start_mode_5();
    EXPECT_NE(keys().output, first);
}

TEST_F(UnsecuredSsh, AllowsToEditAFileOnTheCard) {
    const RamFolder folder;
    const auto card = folder / "card.img";
    make_card_with_whole_system(card);
    AttachedImage attached(card);
    start_mode_5();
    const auto program =
        std::string(MOX_RESCUE_PROGRAM) + " mount /run/card --card " + attached.node().native();
    const auto mounted = ssh(program);
    EXPECT_EQ(mounted.exit_status, 0) << mounted.output;
    EXPECT_TRUE(
        mounted.output.contains("mount -t btrfs -o noatime,subvol=@ " + attached.node().native() + "p1"))
        << mounted.output;
    EXPECT_TRUE(mounted.output.contains("umount /run/card")) << mounted.output;
    EXPECT_EQ(ssh(program).exit_status, 0) << "mounted already";
    const auto edited =
        ssh("cat /run/card/root/diary && echo repaired >/run/card/root/diary && umount /run/card");
    EXPECT_EQ(edited.exit_status, 0) << edited.output;
    EXPECT_TRUE(edited.output.contains("what only the user has")) << edited.output;
    attached.detach();

    const MountedImage after(card, partition_start, "btrfs");
    EXPECT_EQ(read_file(after / "@/root/diary"), "repaired\n");
}

TEST_F(UnsecuredSsh, ListsSnapshotsOfTheCard) {
    const RamFolder folder;
    const auto card = folder / "card.img";
    make_card_with_whole_system(card);
    AttachedImage attached(card, Writing::allowed, partition_start);
    start_mode_5();
    const auto list = ssh(std::string(SCHNAPPS_PROGRAM) + " -d " + attached.node().native() + " list");
    EXPECT_EQ(list.exit_status, 0) << list.output;
    EXPECT_TRUE(list.output.contains("mine")) << list.output;
    attached.detach();
}

TEST_F(UnsecuredSsh, ForwardsNoPorts) {
    start_mode_5();
    const auto to_somewhere = ssh("", {"-W", "192.168.1.1:22"});
    EXPECT_NE(to_somewhere.exit_status, 0);
    EXPECT_TRUE(to_somewhere.output.contains("forwarding failed")) << to_somewhere.output;
    const auto from_somewhere = ssh("true", {"-o", "ExitOnForwardFailure=yes", "-R", "2000:127.0.0.1:22"});
    EXPECT_NE(from_somewhere.exit_status, 0);
}

TEST_F(UnsecuredSsh, AnswersOnPort22AndNothingElse) {
    // The kernel is sparing with "port unreachable"; a scan wants one for each port.
    write_file("/proc/sys/net/ipv4/icmp_ratelimit", "0");
    write_file("/proc/sys/net/ipv4/icmp_msgs_per_sec", "1000000");
    write_file("/proc/sys/net/ipv4/icmp_msgs_burst", "1000000");
    start_mode_5();
    EXPECT_EQ(open_tcp_ports(lab, router), std::set<int>{22});
    EXPECT_EQ(open_udp_ports(lab, router), std::set<int>{});
}

TEST_F(UnsecuredSsh, HasNoOtherAddressAndListensNowhereElse) {
    start_mode_5();
    EXPECT_EQ(must(run_child({"ip", "-6", "address", "show", "dev", "eth0"}, 5s)).output, "");
    const auto listening = must(run_child({"ss", "-Hlntuw"}, 5s)).output;
    EXPECT_TRUE(listening.contains("192.168.1.1:22")) << listening;
    EXPECT_EQ(std::ranges::count(listening, '\n'), 1) << listening;
}

TEST_F(UnsecuredSsh, WorksWhenTheCableComesLater) {
    lab.unplug();
    start_mode_5();
    lab.plug_in();
    const auto start = Clock::now();
    EXPECT_EQ(ssh("true").exit_status, 0);
    EXPECT_LT(Clock::now() - start, 10s);
    wait_until([&] { return said().contains("the cable is plugged in"); }, "the cable to be noticed");
    lab.unplug();
    wait_until([&] { return said().contains("unplugged"); }, "the cable to be missed");
    lab.plug_in();
    EXPECT_EQ(ssh("true").exit_status, 0);
}

TEST_F(UnsecuredSsh, AnnouncesItselfWhenTheCableComes) {
    lab.unplug();
    start_mode_5();
    UniqueFd listening;
    lab.as_peer([&] { listening.reset(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP))); });
    ASSERT_TRUE(listening);
    lab.plug_in();
    const auto announced = [&] {
        pollfd waiting{.fd = listening.get(), .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, 100) != 1) return false;
        std::array<std::uint8_t, 64> packet{};
        const auto got = ::recv(listening.get(), packet.data(), packet.size(), 0);
        constexpr std::array<std::uint8_t, 4> address{192, 168, 1, 1};
        constexpr std::size_t sender = 14;
        constexpr std::size_t target = 24;
        return got >= 28 && std::memcmp(&packet[sender], address.data(), 4) == 0 &&
               std::memcmp(&packet[target], address.data(), 4) == 0;
    };
    wait_until(announced, "the announcement");
}

TEST_F(UnsecuredSsh, WhoseServerDiesEndsWithAnErrorThatQuotesIt) {
    start_mode_5();
    const auto pid = [] { return text_of("/run/mox-rescue/ssh/ssh.pid"); };
    wait_until([&] { return pid().ends_with('\n'); }, "the process number");
    ::kill(std::stoi(pid()), SIGKILL);
    EXPECT_EQ(mode->reap(), 5);
    EXPECT_TRUE(said().contains("SSH server has ended (status 137)")) << said();
}

TEST_F(UnsecuredSsh, StartsAgainAfterItWasKilled) {
    start_mode_5();
    ::kill(mode->pid(), SIGKILL);
    mode->reap();
    EXPECT_EQ(ssh("true").exit_status, 0) << "nobody has told the server";
    start_mode_5();
    EXPECT_EQ(ssh("true").exit_status, 0);
    EXPECT_EQ(std::ranges::count(must(run_child({"ss", "-Hlnt"}, 5s)).output, '\n'), 1);
}

TEST_F(UnsecuredSsh, TakesItsServerWithItWhenItIsStopped) {
    start_mode_5();
    ::kill(mode->pid(), SIGTERM);
    EXPECT_EQ(mode->reap(), 0) << said();
    EXPECT_EQ(must(run_child({"ss", "-Hlnt"}, 5s)).output, "");
}

TEST_F(UnsecuredSsh, WithoutThePortSaysSo) {
    const auto result = must(run_child({MOX_RESCUE_PROGRAM, "run", "ssh", "--port", "eth7"}, 30s));
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_TRUE(result.output.contains("eth7")) << result.output;
}

}  // namespace
}  // namespace mox::test_support
