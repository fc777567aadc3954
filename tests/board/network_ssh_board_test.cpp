// Modes 5 and 7 on the virtual MOX: somebody with a computer and a cable, or at the serial console.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "async/run_on_thread.hpp"
#include "board/demo_card.hpp"
#include "board/network_board.hpp"
#include "support/loop_image.hpp"
#include "support/port_scan.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::board_test {
namespace {

using test_support::MountedImage;
using test_support::partition_start;
using test_support::read_file;

class UnsecuredSshBoard : public NetworkBoard {
protected:
    void put_together() {
        peer_is_a_lone_computer();
        exact_time = true;
        assemble_in_rescue(forcing(5));
        put_in_card_with_demo_system();
    }

    Play reboots_by_the_session(std::string command) {
        const auto since = board().events().end();
        (void)co_await ssh(std::move(command));  // the connection ends in the middle of it
        static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
        board().pull_plug();
    }
};

TEST_F(UnsecuredSshBoard, SomebodyLogsInRepairsTheCardAndReboots) {
    put_together();
    act([&]() -> Play {
        const auto ready_after = co_await enters_mode_5();
        std::cout << "mode 5 is ready " << to_text(ready_after) << " after its start\n";
        EXPECT_LT(ready_after, 10s);
        EXPECT_EQ(co_await session_says("id -u"), "0\n");

        const auto list = co_await session_says("schnapps list");
        EXPECT_TRUE(list.contains("1 | single")) << list;
        const auto mounted = co_await session_says("mox-rescue mount");
        EXPECT_TRUE(mounted.contains("mount -t btrfs -o noatime,subvol=@ /dev/mmcblk0p1 /mnt/card"))
            << mounted;
        (void)co_await session_says("echo repaired >>/mnt/card/root/diary && umount /mnt/card");
        co_await reboots_by_the_session("reboot");
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /root/diary"), "after\r\nrepaired\r\n");
    });
}

TEST_F(UnsecuredSshBoard, WhatSomebodyForgetsToUnmountIsUnmounted) {
    put_together();
    act([&]() -> Play {
        co_await enters_mode_5();
        (void)co_await session_says("mox-rescue mount && echo repaired >>/mnt/card/root/diary");
        co_await reboots_by_the_session("cd /mnt/card && reboot && sleep 60");
        board().pull_plug();
    });
    const MountedImage mounted(card, partition_start, "btrfs");
    EXPECT_EQ(read_file(mounted / "@" / std::string(diary)), "after\nrepaired\n");
}

TEST_F(UnsecuredSshBoard, SessionHasWhatARepairNeeds) {
    put_together();
    act([&]() -> Play {
        co_await enters_mode_5();
        const auto motd = co_await session_says("cat /run/mox-rescue/motd");
        EXPECT_TRUE(motd.contains("mox-rescue mount")) << motd;
        const auto log = co_await session_says("cat /run/mox-rescue/log");
        EXPECT_TRUE(log.contains("executing mode 5")) << log;
        for (const std::string tool : {"vi", "gzip", "zcat", "dd", "strings", "less", "wget", "fdisk",
                                       "mount", "ip", "tar", "btrfs", "mkfs.btrfs", "medkit", "scp"})
            EXPECT_EQ((co_await ssh("command -v " + tool)).exit_status, 0) << tool;
        EXPECT_NE((co_await ssh("touch /anything")).exit_status, 0) << "the image is read-only";
        const auto dry_run = co_await ssh("mox-rescue run rollback --dry-run");
        EXPECT_EQ(dry_run.exit_status, 0) << dry_run.output;
        EXPECT_TRUE(dry_run.output.contains("dry run")) << dry_run.output;
    });
}

TEST_F(UnsecuredSshBoard, ConsoleHasTheSameShellAndLeavingItReboots) {
    put_together();
    act([&]() -> Play {
        co_await enters_mode_5();
        must(console().type("\r"));
        co_await sees("rescue:");
        EXPECT_TRUE(shown(console(), "mox-rescue mount"));
        EXPECT_EQ(co_await says("id -u"), "0\r\n");
        const auto since = board().events().end();
        must(console().type("exit\r"));
        static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
    });
}

TEST_F(UnsecuredSshBoard, LedStaysOnAndAPressDoesNotReboot) {
    put_together();
    act([&]() -> Play {
        co_await enters_mode_5();
        EXPECT_TRUE(board().led_is_lit());
        const auto edges = board().led_edges().end();
        const auto since = board().events().end();
        must(co_await board().press_for(200ms));
        must(co_await board().press_for(6s));
        EXPECT_EQ(co_await session_says("id -u"), "0\n");
        EXPECT_EQ(board().led_edges().end(), edges) << "the LED is steady";
        EXPECT_EQ(board().events().end(), since) << "the board was not reset";
        EXPECT_TRUE(shown(console(), "pressed and ignored"));
    });
}

TEST_F(UnsecuredSshBoard, WorksWhenTheCableComesLater) {
    put_together();
    act([&]() -> Play {
        must(co_await board().unplug_cable());
        co_await enters_mode_5();
        must(co_await board().plug_cable());
        const auto start = board().board_clock();
        co_await sees("the cable is plugged in");
        EXPECT_LT(board().board_clock() - start, 10s);
        EXPECT_EQ(co_await session_says("id -u"), "0\n");
    });
}

TEST_F(UnsecuredSshBoard, AnswersOnPort22AndNothingElse) {
    put_together();
    act([&]() -> Play {
        co_await enters_mode_5();
        // The kernel is sparing with "port unreachable"; a scan wants one for each port.
        (void)co_await session_says(
            "cd /proc/sys/net/ipv4 && echo 0 >icmp_ratelimit && echo 1000000 >icmp_msgs_per_sec && "
            "echo 1000000 >icmp_msgs_burst");
        const auto tcp = co_await async::run_on_thread([&] { return open_tcp_ports(lab, "192.168.1.1"); });
        EXPECT_EQ(tcp, std::set<int>{22});
        const auto udp = co_await async::run_on_thread([&] { return open_udp_ports(lab, "192.168.1.1"); });
        EXPECT_EQ(udp, std::set<int>{});
        const auto listening = co_await session_says("netstat -lntuw | tail -n +3");
        EXPECT_EQ(std::ranges::count(listening, '\n'), 1) << listening;
        EXPECT_TRUE(listening.contains("192.168.1.1:22")) << listening;
        const auto addresses = co_await session_says("ip -o address show up");
        EXPECT_FALSE(addresses.contains("inet6 fe80")) << addresses;
    });
}

/// Mode 7 needs no network.
class RescueShellBoard : public RescueBoard {
protected:
    Play enters_mode_7() {
        co_await enter_forced_mode();
        co_await sees("then reboot.");  // the greeting
        must(console().type("\r"));
        co_await sees("rescue:");
    }
};

TEST_F(RescueShellBoard, IsRootsWithJobControlAndTheImageIsReadOnly) {
    assemble_in_rescue(forcing(7));
    act([&]() -> Play {
        co_await enters_mode_7();
        EXPECT_TRUE(board().led_is_lit());
        EXPECT_EQ(co_await says("id -u"), "0\r\n");
        const auto touched = co_await says("touch /anything /etc/anything");
        EXPECT_TRUE(touched.contains("Read-only file system")) << touched;
        EXPECT_EQ(co_await says("touch /tmp/x /run/x /mnt/x && echo fine"), "fine\r\n");
        const auto root = co_await says("grep ' / ' /proc/mounts");
        EXPECT_TRUE(root.contains(" ro")) << root;
        EXPECT_FALSE(shown(console(), "job control turned off"));

        must(console().type("sh -c 'echo be-$((1 + 1)); exec sleep 600'\r"));
        co_await sees("be-2");
        must(console().type("\x1a"));
        const auto jobs = co_await says("jobs");
        EXPECT_TRUE(jobs.contains("Stopped")) << jobs;
        // Line editing: the line before comes back and is changed.
        must(console().type("echo ab-c\x7f"));
        must(console().type("d\r"));
        co_await sees("\nab-d");
    });
}

TEST_F(RescueShellBoard, APressReboots) {
    assemble_in_rescue(forcing(7));
    act([&]() -> Play {
        co_await enters_mode_7();
        co_await press_reboots();
    });
}

TEST_F(RescueShellBoard, LeavingItReboots) {
    assemble_in_rescue(forcing(7));
    act([&]() -> Play {
        co_await enters_mode_7();
        const auto since = board().events().end();
        must(console().type("exit\r"));
        static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
    });
}

/// Modes that must not be interrupted: a press and a long hold, from their first moment on.
class UninterruptedBoard : public RescueBoard, public testing::WithParamInterface<int> {};

TEST_P(UninterruptedBoard, GoesOnThroughPressesAndLongHolds) {
    assemble_in_rescue(forcing(GetParam()));
    put_in_card_with_demo_system();
    plug_in_medkit_stick();
    act([&]() -> Play {
        co_await enter_forced_mode();
        must(co_await board().press_for(100ms));
        must(co_await board().press());
        co_await mode_ends_and_board_loses_power(GetParam());
        EXPECT_TRUE(shown(console(), "pressed and ignored"));
    });
}

INSTANTIATE_TEST_SUITE_P(Modes, UninterruptedBoard, testing::Values(2, 3, 4));

}  // namespace
}  // namespace mox::board_test
