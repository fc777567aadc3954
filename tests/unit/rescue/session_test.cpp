// A whole rescue as the person sees it: selection, execution, and what the LED says in the end.
#include "rescue/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/rescue_session_play.hpp"

namespace mox::rescue {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using board::ButtonEdge;
using boot::Mode;
using test_support::executions;
using test_support::FakeButton;
using test_support::FakeClock;
using test_support::FakeLed;
using test_support::LedChange;
using test_support::work;

using RescueSession = test_support::RescueSessionPlay;

constexpr auto slow_blinking = "blinks 500/500";
/// What a mode that ends at once shows: the second blink ends after 1.5 s.
const std::vector<LedChange> two_slow_blinks_and_light{{0ms, slow_blinking}, {1500ms, "off"}, {2250ms, "on"}};

TEST_F(RescueSession, SelectsExecutesWithSlowBlinkingAndAsksForAReboot) {
    FakeButton button(test_support::presses_at({3s, 5s, 7s}));
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 1);
    EXPECT_EQ(led.changes().front(), (LedChange{0ms, "on"}));
    EXPECT_EQ(led_since(slow_blinking), two_slow_blinks_and_light);
    EXPECT_TRUE(observer.has("execute 4"));
    EXPECT_EQ(observer.notes.back(), "success, reboot");
    // Announced from 7.0 s on, twice 2.6 s + 3 s; then 0.75 s of darkness, two blinks, 0.75 s of darkness, 1
    // s of light.
    EXPECT_EQ(FakeClock::since_start(), 7s + 2 * 5600ms + 4s);
}

TEST_F(RescueSession, WithoutAnybodyAtTheButtonReboots) {
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 0);
    EXPECT_TRUE(observer.has("execute 1"));
}

TEST_F(RescueSession, SkipsTheSelectionWhenAModeIsForced) {
    start.start.forced = boot::Mode::reflash_from_drive;
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 1);
    EXPECT_EQ(observer.notes, (std::vector<std::string>{"execute 4", "success, reboot"}));
    EXPECT_EQ(led.changes(),
              (std::vector<LedChange>{
                  {0ms, "on"}, {500ms, "off"}, {1250ms, slow_blinking}, {2750ms, "off"}, {3500ms, "on"}}));
}

TEST_F(RescueSession, StaysWhenToldNotToReboot) {
    start.start.dont_reboot = true;
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::stay);
    EXPECT_EQ(observer.notes.back(), "success, stay");
}

TEST_F(RescueSession, StaysWhenTheModeSaysSo) {
    start.start.forced = boot::Mode::rescue_shell;
    ends_with(ModeOutcome::stay);
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::stay);
}

TEST_F(RescueSession, LogsWhatWasWrongWithTheStartValues) {
    start.start.warnings = {"rescue_mode=9 of the boot environment is not 0 to 6: starting at mode 1"};
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(times_logged("warning: rescue_mode=9"), 1U);
}

TEST_F(RescueSession, AModeThatIsNotThereIsAnErrorThatSaysSo) {
    start.start.forced = boot::Mode::unsecured_ssh;
    FakeButton button(test_support::press_at(60s));
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 0);
    EXPECT_EQ(times_logged("mode 5 (unsecured SSH on 192.168.1.1) does not exist in this version"), 1U);
    EXPECT_FALSE(observer.has("execute 5"));
}

TEST_F(RescueSession, BlinksTheCodeOfTheErrorUntilAPress) {
    start.start.forced = boot::Mode::reflash_from_drive;
    ends_with(fail(ErrorKind::medkit, "no medkit on any drive", {"put one on a USB drive"}));
    FakeButton button(test_support::press_at(10500ms));
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(led_since(slow_blinking), (std::vector<LedChange>{{0ms, slow_blinking},
                                                                {1500ms, "off"},
                                                                {3500ms, "on"},
                                                                {3700ms, "off"},
                                                                {4000ms, "on"},
                                                                {4200ms, "off"},
                                                                {6500ms, "on"},
                                                                {6700ms, "off"},
                                                                {7000ms, "on"},
                                                                {7200ms, "off"}}));
    // The blinking began at 1.25 s; the last blink ended at 8.45 s, 2 s before the press.
    EXPECT_EQ(FakeClock::since_start(), 10500ms);
    EXPECT_EQ(observer.notes.back(), "failed: no medkit on any drive; put one on a USB drive");
    EXPECT_EQ(times_logged("error: no medkit on any drive"), 1U);
    EXPECT_EQ(times_logged("hint: put one on a USB drive"), 1U);
    EXPECT_EQ(times_logged("LED shows error 2 (medkit). Press the button to reboot"), 1U);
}

TEST_F(RescueSession, AModeThatThrowsIsAnInternalError) {
    start.start.forced = boot::Mode::reflash_from_drive;
    work = []() -> asio::awaitable<Expected<ModeOutcome>> {
        throw std::runtime_error("out of luck");
        co_return ModeOutcome::reboot;
    };
    FakeButton button(test_support::press_at(60s));
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(times_logged("flash drive/micro SD) failed unexpectedly: out of luck"), 1U);
    EXPECT_EQ(times_logged("LED shows error 5 (internal)"), 1U);
}

TEST_F(RescueSession, BlinksEveryCodeForEver) {
    for (const auto kind :
         {ErrorKind::network, ErrorKind::medkit, ErrorKind::card, ErrorKind::snapshot, ErrorKind::internal}) {
        FakeClock::restart();
        led = FakeLed();
        start.start.forced = boot::Mode::reflash_from_drive;
        ends_with(fail(kind, "broken"));
        FakeButton button(test_support::press_at(24h));
        ASSERT_EQ(run(button), ModeOutcome::reboot);
        const auto blinks = std::ranges::count(led.changes(), "on", &LedChange::shows);
        const auto period = 2000ms + led_code(kind) * 500ms;
        // One of the "on" is the LED at the start; the last period is cut off by the press.
        EXPECT_NEAR(static_cast<double>(blinks - 1), static_cast<double>(24h / period) * led_code(kind),
                    led_code(kind));
    }
}

TEST_F(RescueSession, AnErrorIsNeverLitForAsLongAsAnAnnouncementsPause) {
    start.start.forced = boot::Mode::reflash_from_drive;
    ends_with(fail(ErrorKind::internal, "broken"));
    FakeButton button(test_support::press_at(10min));
    ASSERT_EQ(run(button), ModeOutcome::reboot);
    auto changes = led_since(slow_blinking);
    changes.erase(changes.begin());
    changes.pop_back();  // the press may have come in the middle of a group
    for (std::size_t index = 0; index + 1 < changes.size(); ++index)
        if (changes[index].shows == "on") {
            EXPECT_EQ(changes[index + 1].at - changes[index].at, 200ms);
        }
}

TEST_F(RescueSession, AnErrorWaitsForANewPressNotForARelease) {
    start.start.forced = boot::Mode::reflash_from_drive;
    ends_with(fail(ErrorKind::card, "the card cannot be written"));
    FakeButton button({{30s, ButtonEdge::released}, {90s, ButtonEdge::pressed}}, true);
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_GE(FakeClock::since_start(), 90s);
    EXPECT_LE(FakeClock::since_start(), 92s) << "the code is completed first";
}

TEST_F(RescueSession, APressInTheMiddleOfAnErrorCodeIsAnsweredByLight) {
    start.start.forced = boot::Mode::reflash_from_drive;
    ends_with(fail(ErrorKind::internal, "broken"));
    // Error 5 begins after 2.75 s of slow blinking and 2 s of darkness; its second dark time lasts from 5.45
    // s on.
    FakeButton button(test_support::press_at(5500ms));
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(led.changes().back(), (LedChange{5500ms, "on"}));
    EXPECT_EQ(FakeClock::since_start(), 6500ms);
}

TEST_F(RescueSession, NothingWaitsForALedWhoseStateIsUnknown) {
    start.start.forced = boot::Mode::reflash_from_drive;
    led.break_down();
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(FakeClock::since_start(), 0ms);
}

/// A mode that is at work until `pushes` presses came and were noticed.
std::function<asio::awaitable<Expected<ModeOutcome>>()> work_under_presses(FakeButton& button, int pushes) {
    return [&button, pushes]() -> asio::awaitable<Expected<ModeOutcome>> {
        for (int count = 0; count < pushes; ++count) {
            button.push(ButtonEdge::pressed);
            button.push(ButtonEdge::released);
            while (!button.all_pushes_taken()) co_await asio::post(asio::use_awaitable);
            co_await asio::post(asio::use_awaitable);
        }
        co_return ModeOutcome::reboot;
    };
}

TEST_F(RescueSession, IgnoresPressesWhileAModeMustNotBeInterruptedAndLogsThemOnce) {
    start.start.forced = boot::Mode::reflash_from_drive;
    FakeButton button;
    work = work_under_presses(button, 5);
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(observer.notes.back(), "success, reboot");
    EXPECT_EQ(std::ranges::count(observer.notes, "press ignored"), 5);
    EXPECT_EQ(times_logged("pressed and ignored"), 1U);
    EXPECT_EQ(led_since(slow_blinking), two_slow_blinks_and_light);
}

TEST_F(RescueSession, RebootsOnAPressWhereTheModeAllowsIt) {
    start.start.forced = boot::Mode::rescue_shell;
    start.start.dont_reboot = true;  // what the person asks for wins
    FakeButton button;
    work = [&]() -> asio::awaitable<Expected<ModeOutcome>> {
        button.push(ButtonEdge::pressed);
        asio::steady_timer for_ever(context, Clock::time_point::max());
        co_await for_ever.async_wait(asio::use_awaitable);
        co_return ModeOutcome::stay;
    };
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(times_logged("button pressed: rebooting"), 1U);
}

TEST_F(RescueSession, AHoldFromBeforeTheStartIsNoPressDuringTheExecutionEither) {
    start.start.forced = boot::Mode::rescue_shell;
    FakeButton button({}, true);
    work = [&]() -> asio::awaitable<Expected<ModeOutcome>> {
        button.push(ButtonEdge::found_held);
        button.push(ButtonEdge::released);
        while (!button.all_pushes_taken()) co_await asio::post(asio::use_awaitable);
        co_await asio::post(asio::use_awaitable);
        co_return ModeOutcome::stay;
    };
    EXPECT_EQ(run(button), ModeOutcome::stay);
}

TEST_F(RescueSession, GoesOnWithoutALedAndLogsItOncePerPhase) {
    led.break_down();
    FakeButton button(test_support::presses_at({3s, 5s, 7s}));
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 1);
    EXPECT_GE(times_logged("No such device"), 1U);
    EXPECT_LE(times_logged("No such device"), 2U);
}

TEST_F(RescueSession, AStuckButtonEndsInAPlainReboot) {
    FakeButton button({}, true);
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_TRUE(observer.has("execute 1"));
    EXPECT_EQ(executions, 0);
}

TEST_F(RescueSession, AButtonThatSticksInAPressNeverExecutesADestructiveMode) {
    FakeButton button({{3s, ButtonEdge::pressed},
                       {3100ms, ButtonEdge::released},
                       {5s, ButtonEdge::pressed},
                       {5100ms, ButtonEdge::released},
                       {7s, ButtonEdge::pressed}});
    EXPECT_EQ(run(button), std::nullopt);
    EXPECT_EQ(executions, 0);
    EXPECT_EQ(observer.notes.back(), "announce 4");
}

}  // namespace
}  // namespace mox::rescue
