// The daemon mox-button over a fake input device. The variant under test differs from the shipped one in one
// object file, the fake device.
#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "support/evdev_shim/evdev_shim.hpp"
#include "support/random_presses.hpp"
#include "system/mox_button_fixture.hpp"

namespace mox {
namespace {

using namespace std::chrono_literals;
using test_support::ButtonEnd;
using test_support::ButtonRun;
using test_support::ended_well;
using test_support::EvdevIdentity;
using test_support::FakeEvdevDevice;
using test_support::was_reset;

const EvdevIdentity gpio_keys{.name = "gpio-keys", .bus = 0x19, .keys = {KEY_RESTART}};

struct MoxButton : test_support::MoxButtonFixture {
    void plug_in(const std::set<unsigned>& keys_down = {}) {
        device = std::make_unique<FakeEvdevDevice>(input, next_number++, gpio_keys, keys_down);
    }

    /// A press that ended a moment ago; the kernel's times tell how long it was.
    void press(Clock::duration held) const {
        const auto end = Clock::now() - 50ms;
        device->play(KEY_RESTART, {{end - held, true}, {end, false}});
    }

    unsigned next_number = 0;
    std::unique_ptr<FakeEvdevDevice> device;
};

TEST_F(MoxButton, ShortPressesRunTheRebootCommandAndNothingElse) {
    plug_in();
    start();
    EXPECT_TRUE(device->is_grabbed());
    for (const auto held : {100ms, 1000ms, 3900ms}) {
        press(held);
        ASSERT_TRUE(run->wait_for("event=reboot")) << run->log();
        ASSERT_TRUE(run->wait_for("event=done work=\"reboot command\"")) << run->log();
    }
    EXPECT_EQ(reboots_made(), 3);
    EXPECT_EQ(read(led / "trigger"), "none timer [heartbeat]\n");
    EXPECT_TRUE(run->is_running());
}

// The console of a router is busy while other programs write to it. A user sees the lines of a press without
// a second press.
TEST_F(MoxButton, LogLinesThatWaitedComeWithoutAnotherPress) {
    plug_in();
    start();
    run->fill_log();
    press(100ms);
    for (const auto end = Clock::now() + 60s; reboots_made() == 0 && Clock::now() < end;)
        std::this_thread::sleep_for(10ms);
    ASSERT_EQ(reboots_made(), 1) << "a log that takes nothing holds up the reboot";
    run->wait_until_idle();
    EXPECT_TRUE(run->wait_for("event=reboot")) << run->log();
    EXPECT_TRUE(run->wait_for("event=done")) << run->log();
}

TEST_F(MoxButton, AButtonHeldForFourSecondsMakesTheLedDarkAndResetsWithin200MillisecondsOfTheRelease) {
    plug_in();
    start();
    const auto pressed = Clock::now();
    device->press(KEY_RESTART);
    ASSERT_TRUE(run->wait_for("event=long-press")) << run->log();
    EXPECT_GE(Clock::now() - pressed, 4s);
    EXPECT_LT(Clock::now() - pressed, 4200ms);
    EXPECT_TRUE(led_is_dark());
    EXPECT_TRUE(run->is_running());
    const auto released = Clock::now();
    device->release(KEY_RESTART);
    EXPECT_EQ(run->wait_for_end(), was_reset) << run->log();
    EXPECT_LT(Clock::now() - released, 200ms);
    EXPECT_EQ(reboots_made(), 0);
}

TEST_F(MoxButton, AButtonHeldForTwentyFiveSecondsDoesNothing) {
    plug_in();
    start();
    press(25s);
    EXPECT_TRUE(run->wait_for("event=stuck")) << run->log();
    EXPECT_TRUE(run->wait_for("reason=\"the button was stuck\"")) << run->log();
    EXPECT_EQ(read(led / "trigger"), "heartbeat");
    EXPECT_TRUE(run->is_running());
    press(1s);
    EXPECT_TRUE(run->wait_for("event=done")) << run->log();
    EXPECT_EQ(reboots_made(), 1);
}

TEST_F(MoxButton, WhenTheRebootHangsALongPressResets) {
    configure("sleep 1000");
    plug_in();
    start();
    press(1s);
    ASSERT_TRUE(run->wait_for("event=reboot held=1.000 command=\"sleep 1000\"")) << run->log();
    // The shutdown reaches us as well: we stay.
    run->signal(SIGTERM);
    ASSERT_TRUE(run->wait_for("event=stay")) << run->log();
    press(1s);
    ASSERT_TRUE(run->wait_for("event=ignored")) << run->log();
    press(5s);
    EXPECT_EQ(run->wait_for_end(), was_reset) << run->log();
}

// reboot(2) would stop the watchdog of a MOX first; the file stands for the kernel's, which would not return.
TEST_F(MoxButton, ALongPressOnAMoxResetsWithTheWatchdogArmed) {
    namespace fs = std::filesystem;
    const auto trigger = root / "proc/sysrq-trigger";
    for (const bool on_a_mox : {false, true}) {
        fs::create_directories(root / "proc/device-tree");
        write(trigger, "");
        if (on_a_mox) write(root / "proc/device-tree/compatible", std::string_view("cznic,turris-mox\0", 17));
        plug_in();
        start();
        press(5s);
        EXPECT_EQ(run->wait_for_end(), was_reset) << run->log();
        EXPECT_EQ(read(trigger), on_a_mox ? "b" : "");
    }
}

TEST_F(MoxButton, ARebootCommandThatDoesNotExistIsToldAndALongPressStillResets) {
    configure("/no/such/program");
    plug_in();
    start();
    press(1s);
    EXPECT_TRUE(run->wait_for("cannot run /no/such/program: No such file or directory")) << run->log();
    EXPECT_TRUE(run->wait_for("event=failed work=\"reboot command\" status=127")) << run->log();
    press(5s);
    EXPECT_EQ(run->wait_for_end(), was_reset);
}

TEST_F(MoxButton, EndsWhenItIsAskedToAndGivesTheLedBack) {
    for (const int signal : {SIGTERM, SIGINT}) {
        plug_in();
        start();
        device->press(KEY_RESTART, Clock::now() - 5s);
        ASSERT_TRUE(run->wait_for("event=long-press")) << run->log();
        EXPECT_TRUE(led_is_dark());
        run->signal(signal);
        EXPECT_EQ(run->wait_for_end(), ended_well);
        EXPECT_EQ(read(led / "trigger"), "heartbeat");
        show_heartbeat();
        device.reset();
    }
}

TEST_F(MoxButton, ADeviceMayAppearLateVanishAndComeBack) {
    start();
    EXPECT_NE(run->log().find("button=\"not there yet\""), std::string::npos) << run->log();
    plug_in();
    ASSERT_TRUE(run->wait_for("event=button")) << run->log();
    press(1s);
    ASSERT_TRUE(run->wait_for("event=done")) << run->log();

    device->press(KEY_RESTART, Clock::now() - 5s);
    ASSERT_TRUE(run->wait_for("event=long-press")) << run->log();
    device.reset();
    ASSERT_TRUE(run->wait_for("reason=\"the button vanished\"")) << run->log();
    EXPECT_EQ(read(led / "trigger"), "heartbeat");

    plug_in({KEY_RESTART});
    ASSERT_TRUE(run->wait_for("event=button")) << run->log();
    device->release(KEY_RESTART);
    run->wait_until_idle();
    EXPECT_EQ(reboots_made(), 1) << "a hold that nobody saw begin is no press";
    press(1s);
    ASSERT_TRUE(run->wait_for("event=done")) << run->log();
    EXPECT_EQ(reboots_made(), 2);
}

TEST_F(MoxButton, WorksWhateverHappensToItsLog) {
    plug_in();
    start();
    run->close_log();
    press(1s);
    for (const auto deadline = Clock::now() + 10s; reboots_made() == 0 && Clock::now() < deadline;)
        std::this_thread::sleep_for(5ms);
    EXPECT_EQ(reboots_made(), 1);
    press(5s);
    EXPECT_EQ(run->wait_for_end(), was_reset);
}

TEST_F(MoxButton, KeepsItsHandsOffWhenTheButtonIsHandledByHand) {
    plug_in();
    write(root / "etc/config/system", "config system\n\toption handle_mox_button_manually '1'\n");
    ButtonRun by_hand(MOX_BUTTON_PROGRAM, root.path());
    EXPECT_EQ(by_hand.wait_for_end(), ended_well) << by_hand.log();
    EXPECT_NE(by_hand.log().find("handled by hand"), std::string::npos) << by_hand.log();
    EXPECT_FALSE(device->is_grabbed());
    ButtonRun question(MOX_BUTTON_PROGRAM, root.path(), {"--is-enabled"});
    EXPECT_EQ(question.wait_for_end(), (ButtonEnd{.reset = false, .exit_status = 1}));
    write(root / "etc/config/system", "");
    ButtonRun again(MOX_BUTTON_PROGRAM, root.path(), {"--is-enabled"});
    EXPECT_EQ(again.wait_for_end(), ended_well);
}

TEST_F(MoxButton, ChecksItsConfiguration) {
    ButtonRun good(MOX_BUTTON_PROGRAM, root.path(), {"--check"});
    EXPECT_EQ(good.wait_for_end(), ended_well);
    configure(stub.native(), "colour = red\n");
    ButtonRun bad(MOX_BUTTON_PROGRAM, root.path(), {"--check"});
    EXPECT_EQ(bad.wait_for_end(), (ButtonEnd{.reset = false, .exit_status = 78}));
    plug_in();
    start();
    EXPECT_NE(run->log().find("level=warning event=configuration"), std::string::npos) << run->log();
}

TEST_F(MoxButton, FiftyRandomPressPatternsDoWhatTheModelSays) {
    configure("sleep 1000");
    plug_in();
    for (unsigned seed = 1; seed <= 50; ++seed) {
        const test_support::RandomPresses presses(seed);
        start();
        device->play(KEY_RESTART, presses.edges());
        for (const auto& event : presses.events())
            ASSERT_TRUE(run->wait_for("event=" + event)) << "seed " << seed << ": " << event << run->log();
        if (presses.ends_with_reset()) {
            ASSERT_EQ(run->wait_for_end(), was_reset) << "seed " << seed << run->log();
        }
        run->wait_for("nothing more", 0ms);
        EXPECT_EQ(events_logged(), presses.events().size() + 1) << "seed " << seed << run->log();
        run.reset();
        show_heartbeat();
    }
}

TEST_F(MoxButton, AThousandPressesLeakNothing) {
    plug_in();
    start();
    const auto press_and_wait = [&] {
        press(100ms);
        ASSERT_TRUE(run->wait_for("event=done")) << run->log();
    };
    for (int count = 0; count < 50; ++count) press_and_wait();
    run->wait_until_idle();
    const auto files = run->open_files();
    const auto memory = run->status("RssAnon");
    for (int count = 50; count < 1000; ++count) press_and_wait();
    run->wait_until_idle();
    EXPECT_EQ(reboots_made(), 1000);
    EXPECT_EQ(run->open_files(), files);
    EXPECT_EQ(run->status("Threads"), 1);
#ifndef MOX_SANITIZED
    EXPECT_LE(run->status("RssAnon"), memory + 4);
    EXPECT_LT(run->status("VmRSS"), 1000);
#endif
    RecordProperty("memory_kB", static_cast<int>(run->status("VmRSS")));
}

TEST_F(MoxButton, DoesNotWakeUpWhileNothingHappens) {
    const auto sleeps_for = [&](std::chrono::milliseconds duration) {
        run->wait_until_idle();
        const auto before =
            run->status("voluntary_ctxt_switches") + run->status("nonvoluntary_ctxt_switches");
        std::this_thread::sleep_for(duration);
        return run->status("voluntary_ctxt_switches") + run->status("nonvoluntary_ctxt_switches") == before;
    };
    start();
    EXPECT_TRUE(sleeps_for(1s)) << "without a button";
    plug_in();
    ASSERT_TRUE(run->wait_for("event=button"));
    EXPECT_TRUE(sleeps_for(1s)) << "before the first press";
    press(1s);
    ASSERT_TRUE(run->wait_for("event=done"));
    EXPECT_TRUE(sleeps_for(2s)) << "after a press";
    device->press(KEY_RESTART, Clock::now() - 25s);
    ASSERT_TRUE(run->wait_for("event=stuck"));
    EXPECT_TRUE(sleeps_for(1s)) << "with a stuck button";
}

#ifndef MOX_SANITIZED
// Of the shipped program itself. The machine may be busy, so what counts is the processor's time, not the
// clock.
TEST_F(MoxButton, StartsInLessThanTenMillisecondsAndTakesLessThanAMegabyte) {
    auto shortest = std::chrono::nanoseconds::max();
    for (int count = 0; count < 20; ++count) {
        ButtonRun shipped(MOX_BUTTON_SHIPPED, root.path());
        ASSERT_TRUE(shipped.wait_for("event=start")) << shipped.log();
        shipped.wait_until_idle();
        shortest = std::min(shortest, shipped.processor_time());
        EXPECT_LT(shipped.status("VmRSS"), 1000);
        RecordProperty("memory_kB", static_cast<int>(shipped.status("VmRSS")));
    }
    EXPECT_LT(shortest, 10ms);
    RecordProperty("start_us", static_cast<int>(shortest / 1us));
}
#endif

}  // namespace
}  // namespace mox
