// A whole rescue as the person sees it: selection, execution, and what the LED says in the end.
#include "modes/rescue_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "boot/no_environment.hpp"
#include "modes/reboot.hpp"
#include "support/fake_button.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_led.hpp"

namespace mox::modes {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using board::ButtonEdge;
using selection::Mode;
using test_support::FakeButton;
using test_support::FakeClock;
using test_support::FakeLed;
using test_support::LedChange;

class NoDrives final : public storage::Drives {
public:
    Expected<std::vector<storage::Drive>> plugged_in() override { return std::vector<storage::Drive>{}; }
    asio::awaitable<bool> change_before(Clock::time_point /*deadline*/) override { co_return false; }
};

/// What the next mode that runs does. Modes are plain functions, so it has to wait outside of them.
std::function<asio::awaitable<Expected<Afterwards>>()> work;
int executions = 0;

asio::awaitable<Expected<Afterwards>> run_work(ModeContext& /*context*/) {
    ++executions;
    co_return co_await work();
}

constexpr ModeEntry patient{Mode::reflash_from_drive, &run_work, PressWhileRunning::ignored};
constexpr ModeEntry shell{Mode::rescue_shell, &run_work, PressWhileRunning::reboots};
constexpr ModeEntry reboot{Mode::reboot, &run_reboot, PressWhileRunning::ignored};

class Notes final : public SessionObserver {
public:
    void announcing(Mode mode, int /*repetition*/) override {
        notes.push_back("announce " + std::to_string(selection::number_of(mode)));
    }
    void pressed(Mode /*moved_on_to*/) override { notes.emplace_back("press"); }
    void released() override { notes.emplace_back("release"); }
    void executing(Mode mode) override {
        notes.push_back("execute " + std::to_string(selection::number_of(mode)));
        // What the script has after the execution is not for the execution, however long that takes.
        button->let_time_stand_still(true);
    }
    void press_ignored() override { notes.emplace_back("press ignored"); }
    void succeeded(Afterwards afterwards) override {
        notes.emplace_back(afterwards == Afterwards::reboot ? "success, reboot" : "success, stay");
    }
    void failed(const Error& error) override {
        notes.push_back("failed: " + error.describe());
        button->let_time_stand_still(false);
    }

    [[nodiscard]] bool has(const std::string& note) const { return std::ranges::count(notes, note) > 0; }

    std::vector<std::string> notes;
    FakeButton* button = nullptr;
};

struct RescueSession : testing::Test {
    RescueSession() {
        FakeClock::restart();
        executions = 0;
        ends_with(Afterwards::reboot);
        start.now = &FakeClock::now;
    }

    static void ends_with(Expected<Afterwards> result) {
        work = [result]() -> asio::awaitable<Expected<Afterwards>> { co_return result; };
    }

    /// What the session asks for; nothing if it would go on for ever.
    std::optional<Afterwards> run(FakeButton& button) {
        std::optional<Afterwards> asked_for;
        observer.button = &button;
        ModeContext mode_context{.board = description,
                                 .drives = drives,
                                 .environment = environment,
                                 .log = log,
                                 .progress = progress,
                                 .keys = {},
                                 .variant = {}};
        co_spawn(context, run_rescue_session(led, button, mode_context, modes, start, &observer),
                 [&](std::exception_ptr failure, Afterwards afterwards) {
                     if (failure) std::rethrow_exception(failure);
                     asked_for = afterwards;
                 });
        context.restart();
        context.poll();
        return asked_for;
    }

    /// The changes of the LED from the moment in which it showed `what`, with times from there.
    std::vector<LedChange> led_since(const std::string& what) const {
        auto from = std::ranges::find(led.changes(), what, &LedChange::shows);
        std::vector<LedChange> changes(from, led.changes().end());
        const auto begin = changes.empty() ? 0ms : changes.front().at;
        for (auto& change : changes) change.at -= begin;
        return changes;
    }

    std::size_t times_logged(const std::string& words) const {
        const auto text = log.text();
        std::size_t count = 0;
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
        return count;
    }

    board::Description description = board::turris_mox();
    NoDrives drives;
    Log log;
    boot::NoEnvironment environment{log};
    Progress progress;
    std::vector<ModeEntry> modes{reboot, patient, shell};
    SessionStart start;
    FakeLed led;
    Notes observer;
    asio::io_context context;
};

constexpr auto slow_blinking = "blinks 500/500";

TEST_F(RescueSession, SelectsExecutesWithSlowBlinkingAndAsksForAReboot) {
    FakeButton button(test_support::presses_at({3s, 5s, 7s}));
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(executions, 1);
    EXPECT_EQ(led.changes().front(), (LedChange{0ms, "on"}));
    EXPECT_EQ(led_since(slow_blinking), (std::vector<LedChange>{{0ms, slow_blinking}, {0ms, "on"}}));
    EXPECT_TRUE(observer.has("execute 4"));
    EXPECT_EQ(observer.notes.back(), "success, reboot");
    // Announced from 7.0 s on, twice 2.6 s + 3 s.
    EXPECT_EQ(FakeClock::since_start(), 7s + 2 * 5600ms);
}

TEST_F(RescueSession, WithoutAnybodyAtTheButtonReboots) {
    FakeButton button;
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(executions, 0);
    EXPECT_TRUE(observer.has("execute 1"));
}

TEST_F(RescueSession, SkipsTheSelectionWhenAModeIsForced) {
    start.start.forced = Mode::reflash_from_drive;
    FakeButton button;
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(executions, 1);
    EXPECT_EQ(observer.notes, (std::vector<std::string>{"execute 4", "success, reboot"}));
    EXPECT_EQ(FakeClock::since_start(), 0ms);
}

TEST_F(RescueSession, StaysWhenToldNotToReboot) {
    start.start.dont_reboot = true;
    FakeButton button;
    EXPECT_EQ(run(button), Afterwards::stay);
    EXPECT_EQ(observer.notes.back(), "success, stay");
}

TEST_F(RescueSession, StaysWhenTheModeSaysSo) {
    start.start.forced = Mode::rescue_shell;
    ends_with(Afterwards::stay);
    FakeButton button;
    EXPECT_EQ(run(button), Afterwards::stay);
}

TEST_F(RescueSession, LogsWhatWasWrongWithTheStartValues) {
    start.start.remarks = {"rescue_mode=9 of the boot environment is not 0 to 6: starting at mode 1"};
    FakeButton button;
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(times_logged("warning: rescue_mode=9"), 1U);
}

TEST_F(RescueSession, AModeThatIsNotThereIsAnErrorThatSaysSo) {
    start.start.forced = Mode::unsecured_ssh;
    FakeButton button(test_support::press_at(60s));
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(executions, 0);
    EXPECT_EQ(times_logged("mode 5 (unsecured SSH on 192.168.1.1) does not exist in this version"), 1U);
    EXPECT_FALSE(observer.has("execute 5"));
}

TEST_F(RescueSession, BlinksTheCodeOfTheErrorUntilAPress) {
    start.start.forced = Mode::reflash_from_drive;
    ends_with(fail(ErrorKind::medkit, "no medkit on any drive. Put one on a USB drive."));
    FakeButton button(test_support::press_at(7900ms));
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(led_since("off"), (std::vector<LedChange>{{0ms, "off"},
                                                        {2000ms, "on"},
                                                        {2200ms, "off"},
                                                        {2500ms, "on"},
                                                        {2700ms, "off"},
                                                        {5000ms, "on"},
                                                        {5200ms, "off"},
                                                        {5500ms, "on"},
                                                        {5700ms, "off"}}));
    EXPECT_EQ(FakeClock::since_start(), 7900ms);
    EXPECT_EQ(observer.notes.back(), "failed: no medkit on any drive. Put one on a USB drive.");
    EXPECT_EQ(times_logged("error: no medkit on any drive. Put one on a USB drive."), 1U);
    EXPECT_EQ(times_logged("LED shows error 2 (medkit). Press the button to reboot"), 1U);
}

TEST_F(RescueSession, AModeThatThrowsIsAnInternalError) {
    start.start.forced = Mode::reflash_from_drive;
    work = []() -> asio::awaitable<Expected<Afterwards>> {
        throw std::runtime_error("out of luck");
        co_return Afterwards::reboot;
    };
    FakeButton button(test_support::press_at(60s));
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(times_logged("flash drive/micro SD) broke off: out of luck"), 1U);
    EXPECT_EQ(times_logged("LED shows error 5 (internal)"), 1U);
}

TEST_F(RescueSession, BlinksEveryCodeForEver) {
    for (const auto kind :
         {ErrorKind::network, ErrorKind::medkit, ErrorKind::card, ErrorKind::snapshot, ErrorKind::internal}) {
        FakeClock::restart();
        led = FakeLed();
        start.start.forced = Mode::reflash_from_drive;
        ends_with(fail(kind, "broken"));
        FakeButton button(test_support::press_at(24h));
        ASSERT_EQ(run(button), Afterwards::reboot);
        const auto blinks = std::ranges::count(led.changes(), "on", &LedChange::shows);
        const auto period = 2000ms + led_code(kind) * 500ms;
        // One of the "on" is the LED at the start; the last period is cut off by the press.
        EXPECT_NEAR(static_cast<double>(blinks - 1), static_cast<double>(24h / period) * led_code(kind),
                    led_code(kind));
    }
}

TEST_F(RescueSession, AnErrorIsNeverLitForAsLongAsAnAnnouncementsPause) {
    start.start.forced = Mode::reflash_from_drive;
    ends_with(fail(ErrorKind::internal, "broken"));
    FakeButton button(test_support::press_at(10min));
    ASSERT_EQ(run(button), Afterwards::reboot);
    const auto changes = led_since("off");
    for (std::size_t index = 0; index + 1 < changes.size(); ++index)
        if (changes[index].shows == "on") {
            EXPECT_EQ(changes[index + 1].at - changes[index].at, 200ms);
        }
}

TEST_F(RescueSession, AnErrorWaitsForANewPressNotForARelease) {
    start.start.forced = Mode::reflash_from_drive;
    ends_with(fail(ErrorKind::card, "the card cannot be written"));
    FakeButton button({{30s, ButtonEdge::released}, {90s, ButtonEdge::pressed}}, true);
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(FakeClock::since_start(), 90s);
}

/// A mode that is at work until `pushes` presses came and were noticed.
std::function<asio::awaitable<Expected<Afterwards>>()> work_under_presses(FakeButton& button, int pushes) {
    return [&button, pushes]() -> asio::awaitable<Expected<Afterwards>> {
        for (int count = 0; count < pushes; ++count) {
            button.push(ButtonEdge::pressed);
            button.push(ButtonEdge::released);
            while (!button.all_pushes_taken()) co_await asio::post(asio::use_awaitable);
            co_await asio::post(asio::use_awaitable);
        }
        co_return Afterwards::reboot;
    };
}

TEST_F(RescueSession, IgnoresPressesWhileAModeMustNotBeInterruptedAndLogsThemOnce) {
    start.start.forced = Mode::reflash_from_drive;
    FakeButton button;
    work = work_under_presses(button, 5);
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(observer.notes.back(), "success, reboot");
    EXPECT_EQ(std::ranges::count(observer.notes, "press ignored"), 5);
    EXPECT_EQ(times_logged("pressed and ignored"), 1U);
    EXPECT_EQ(led_since(slow_blinking), (std::vector<LedChange>{{0ms, slow_blinking}, {0ms, "on"}}));
}

TEST_F(RescueSession, RebootsOnAPressWhereTheModeAllowsIt) {
    start.start.forced = Mode::rescue_shell;
    start.start.dont_reboot = true;  // what the person asks for wins
    FakeButton button;
    work = [&]() -> asio::awaitable<Expected<Afterwards>> {
        button.push(ButtonEdge::pressed);
        asio::steady_timer for_ever(context, Clock::time_point::max());
        co_await for_ever.async_wait(asio::use_awaitable);
        co_return Afterwards::stay;
    };
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(times_logged("button pressed: rebooting"), 1U);
}

TEST_F(RescueSession, AHoldFromBeforeTheStartIsNoPressDuringTheExecutionEither) {
    start.start.forced = Mode::rescue_shell;
    FakeButton button({}, true);
    work = [&]() -> asio::awaitable<Expected<Afterwards>> {
        button.push(ButtonEdge::found_held);
        button.push(ButtonEdge::released);
        while (!button.all_pushes_taken()) co_await asio::post(asio::use_awaitable);
        co_await asio::post(asio::use_awaitable);
        co_return Afterwards::stay;
    };
    EXPECT_EQ(run(button), Afterwards::stay);
}

TEST_F(RescueSession, GoesOnWithoutALedAndLogsItOncePerPhase) {
    led.break_down();
    FakeButton button(test_support::presses_at({3s, 5s, 7s}));
    EXPECT_EQ(run(button), Afterwards::reboot);
    EXPECT_EQ(executions, 1);
    EXPECT_GE(times_logged("No such device"), 1U);
    EXPECT_LE(times_logged("No such device"), 2U);
}

TEST_F(RescueSession, AStuckButtonEndsInAPlainReboot) {
    FakeButton button({}, true);
    EXPECT_EQ(run(button), Afterwards::reboot);
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
}  // namespace mox::modes
