// The daemon mox-button where OpenWrt's driver gpio-button-hotplug owns the button: no input device, real
// uevents of the kernel in a network namespace of the test's own. The program is the shipped one.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "support/uevent_sender.hpp"
#include "system/mox_button_fixture.hpp"

namespace mox {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
namespace fs = std::filesystem;
using test_support::was_reset;

struct MoxButtonUevents : test_support::MoxButtonFixture {
    /// A press that the program reads when it is over: it stands still meanwhile, as on a router whose card
    /// does not answer. Only the driver's whole seconds tell how long it was.
    void press(std::chrono::seconds held, std::string_view button = "reset") {
        run->signal(SIGSTOP);
        kernel.send_button("pressed", button, 862);
        kernel.send_button("released", button, held.count());
        run->signal(SIGCONT);
    }
    /// A press that the program follows.
    void press_now(Clock::duration held, std::string_view button = "reset") {
        const auto pressed = Clock::now();
        kernel.send_button("pressed", button, 862);
        std::this_thread::sleep_until(pressed + held);
        kernel.send_button("released", button, std::chrono::floor<std::chrono::seconds>(held).count());
    }

    test_support::UeventSender kernel;
};

TEST_F(MoxButtonUevents, ShortPressesRunTheRebootCommand) {
    start();
    EXPECT_NE(run->log().find("uevents=yes"), std::string::npos) << run->log();
    for (const auto* button : {"reset", "BTN_0"}) {
        for (const auto held : {100ms, 1000ms, 3900ms}) {
            press_now(held, button);
            ASSERT_TRUE(run->wait_for("event=reboot")) << held.count() << button << run->log();
            ASSERT_TRUE(run->wait_for("event=done work=\"reboot command\"")) << run->log();
        }
    }
    EXPECT_EQ(reboots_made(), 6);
    EXPECT_TRUE(run->is_running());
}

TEST_F(MoxButtonUevents, AButtonHeldForFourSecondsMakesTheLedDarkAndResetsWhenItIsReleased) {
    start();
    const auto pressed = Clock::now();
    kernel.send_button("pressed", "reset", 60);
    ASSERT_TRUE(run->wait_for("event=long-press")) << run->log();
    EXPECT_GE(Clock::now() - pressed, 4s);
    EXPECT_TRUE(led_is_dark());
    EXPECT_TRUE(run->is_running());
    kernel.send_button("released", "reset", 4);
    EXPECT_EQ(run->wait_for_end(), was_reset) << run->log();
    EXPECT_EQ(reboots_made(), 0);
}

TEST_F(MoxButtonUevents, PressesThatWaitedAreJudgedByTheDriversSeconds) {
    start();
    press(3s);
    ASSERT_TRUE(run->wait_for("event=reboot held=3.000")) << run->log();
    ASSERT_TRUE(run->wait_for("event=done")) << run->log();
    press(0s);
    ASSERT_TRUE(run->wait_for("event=reboot held=0.0")) << run->log();
    ASSERT_TRUE(run->wait_for("event=done")) << run->log();
    press(25s);
    ASSERT_TRUE(run->wait_for("event=stuck")) << run->log();
    ASSERT_TRUE(run->wait_for("reason=\"the button was stuck\"")) << run->log();
    EXPECT_EQ(reboots_made(), 2);
    press(4s);
    EXPECT_EQ(run->wait_for_end(), was_reset) << run->log();
}

TEST_F(MoxButtonUevents, WhenTheRebootHangsALongPressResets) {
    configure("sleep 1000");
    start();
    press(1s);
    ASSERT_TRUE(run->wait_for("event=reboot")) << run->log();
    press(1s);
    ASSERT_TRUE(run->wait_for("event=ignored")) << run->log();
    press(5s);
    EXPECT_EQ(run->wait_for_end(), was_reset) << run->log();
}

TEST_F(MoxButtonUevents, RandomPressesDoWhatTheModelSays) {
    configure("sleep 1000");
    std::mt19937 random(20261127);
    for (int round = 0; round < 20; ++round) {
        start();
        for (bool rebooting = false, was_short = true; was_short;) {
            const std::chrono::seconds held(std::uniform_int_distribution(0, 30)(random));
            press(held);
            was_short = held < 4s || held >= 20s;
            const auto* event = held >= 20s ? "the button was stuck"
                                : rebooting ? "event=ignored"
                                            : "event=reboot";
            if (!was_short) event = "event=reset";
            ASSERT_TRUE(run->wait_for(event)) << held.count() << " s, round " << round << run->log();
            rebooting = rebooting || held < 4s;
        }
        ASSERT_EQ(run->wait_for_end(), was_reset) << "round " << round << run->log();
        run.reset();
        show_heartbeat();
    }
}

TEST_F(MoxButtonUevents, WhatIsNoPressOfTheBoardsButtonDoesNothing) {
    start();
    press(5s, "wps");
    kernel.send_button("released", "reset", 5);  // pressed before the program ran
    kernel.send("add@/devices/x\0SUBSYSTEM=block\0ACTION=add\0BUTTON=reset\0SEEN=5\0"sv);
    kernel.send("pressed@\0"sv);
    press(1s);
    ASSERT_TRUE(run->wait_for("event=done")) << run->log();
    EXPECT_EQ(reboots_made(), 1);
    EXPECT_EQ(events_logged(), 2U) << run->log();
}

TEST_F(MoxButtonUevents, EventsOfOtherDevicesDoNotWakeItUp) {
    start();
    run->wait_until_idle();
    const auto switches = [&] {
        return run->status("voluntary_ctxt_switches") + run->status("nonvoluntary_ctxt_switches");
    };
    const auto before = switches();
    for (int count = 0; count < 1000; ++count)
        kernel.send("change@/devices/x\0SUBSYSTEM=net\0ACTION=change\0"sv);
    EXPECT_EQ(switches(), before);
    press(0s);
    ASSERT_TRUE(run->wait_for("event=done"))
        << "its queue was not filled by what it does not want" << run->log();
}

TEST_F(MoxButtonUevents, PressesAreLeftToTheSystemsOwnScripts) {
    const auto script = root / "etc/hotplug.d/button/50-reset";
    fs::create_directories(script.parent_path());
    write(script, "[ \"$BUTTON\" = reset ] && reboot\n");
    start();
    EXPECT_NE(run->log().find("event=hotplug-script file=" + script.native()), std::string::npos)
        << run->log();
    EXPECT_NE(run->log().find("uevents=no"), std::string::npos) << run->log();
    kernel.send_button("pressed", "reset", 1);
    kernel.send_button("released", "reset", 1);
    run->wait_until_idle();
    EXPECT_EQ(reboots_made(), 0);

    fs::remove(script);
    start();
    press(1s);
    ASSERT_TRUE(run->wait_for("event=done")) << run->log();
    EXPECT_EQ(reboots_made(), 1);
}

}  // namespace
}  // namespace mox
