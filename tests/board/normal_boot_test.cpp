// A button that is not held, or not long enough, or too long: which of the two systems is booted, and that a
// hold from the boot loader selects nothing.

#include <gtest/gtest.h>

#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::board_test {
namespace {

using led_decoder::Sign;
using virtual_mox::LedWatch;

class NormalBoot : public RescueBoard {};

TEST_F(NormalBoot, WithoutTheButtonTheCardsSystemBootsAndTheLedIsOnUntilThen) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        must(co_await board().power_on());
        co_await sees("Starting kernel");
        const auto running = must(co_await console().expect("services: start 90-keeper", boot_patience)).at;
        co_await sees("mox login:");
        EXPECT_TRUE(co_await board().led_edges().reaches(1, Clock::now() + boot_patience)) << "no heartbeat";
        EXPECT_TRUE(board().led_edges()[0].lit);
        EXPECT_GT(board().led_edges()[1].at, running);
        EXPECT_FALSE(shown(console(), "button was pressed"));

        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version"), std::string(old_version) + "\r\n");
        const auto variables = co_await says("fw_printenv boot_targets");
        EXPECT_TRUE(variables.starts_with("boot_targets=mmc0 ")) << variables;
        const auto since = board().events().end();
        must(console().type("reboot\r"));
        static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
        board().pull_plug();
    });
    const test_support::MountedImage mounted(card, test_support::partition_start, "btrfs");
    const auto journal = test_support::read_file(mounted / "@/var/lib/keeper/journal");
    EXPECT_NE(journal.find("started"), std::string::npos) << journal;
    EXPECT_NE(journal.find("stopped"), std::string::npos) << "no orderly shutdown: " << journal;
}

TEST_F(NormalBoot, HeldForHalfASecondOnlyItIsANormalBoot) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        must(co_await board().press());
        must(co_await board().power_on());
        EXPECT_TRUE(co_await board().led_edges().reaches(0, Clock::now() + boot_patience));
        co_await board().passes(500ms);
        must(co_await board().release());
        co_await sees("subvol=@");
        co_await sees("services: start");
        EXPECT_EQ(board().led_edges().end(), 1U) << "the LED went out";
        EXPECT_FALSE(shown(console(), "button was pressed"));
    });
}

TEST_F(NormalBoot, AButtonThatIsStillHeldWhenRescueStartsSelectsNothingAndModeOneReboots) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        LedWatch watch(board());
        must(co_await board().press());
        must(co_await board().power_on());
        EXPECT_EQ(must(co_await watch.until(Sign::announcement, boot_patience)).blinks, 1);
        EXPECT_EQ(must(co_await watch.until(Sign::announcement, boot_patience)).blinks, 1)
            << "the hold was taken for a press";
        must(co_await board().release());
        co_await sees("executing mode 1");
        co_await sees("is done; rebooting");
        co_await sees("mox login:");
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version /root/diary"),
                  std::string(old_version) + "\r\nafter\r\n");
    });
}

}  // namespace
}  // namespace mox::board_test
