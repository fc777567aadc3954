// LED and button over time, as the person in front of the router sees and does it.
#include "rescue/choose_mode.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_button.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_led.hpp"

namespace mox::rescue {
namespace {

using namespace std::chrono_literals;
using test_support::FakeButton;
using test_support::FakeClock;
using test_support::FakeLed;
using test_support::LedChange;

/// Writes down in words what it is told.
class Notes final : public SelectionObserver {
public:
    void announcing(boot::Mode mode, int repetition) override {
        notes_.push_back("announce " + std::to_string(boot::number_of(mode)) + " (" +
                         std::to_string(repetition) + ")");
    }
    void pressed(boot::Mode moved_on_to) override {
        notes_.push_back("press to " + std::to_string(boot::number_of(moved_on_to)));
    }
    void released() override { notes_.emplace_back("release"); }

    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

private:
    std::vector<std::string> notes_;
};

struct ChooseMode : testing::Test {
    /// The chosen mode, or nothing if the selection waits for the button at the end.
    std::optional<boot::Mode> choose(FakeButton& button, boot::Mode first = boot::Mode::reboot) {
        FakeClock::restart();
        boost::asio::io_context context;
        std::optional<boot::Mode> chosen;
        co_spawn(context,
                 choose_mode(led, button, Selector(first, button.is_down()), log, &observer, &FakeClock::now),
                 [&](const std::exception_ptr& failure, boot::Mode mode) {
                     if (failure) std::rethrow_exception(failure);
                     chosen = mode;
                 });
        context.poll();
        return chosen;
    }

    FakeLed led;
    Log log;
    Notes observer;
};

TEST_F(ChooseMode, PlaysTheSampleScenarioOfTheManualRowByRow) {
    using board::ButtonEdge;
    // The hold that brought the boot loader here ended when the LED went dark: "Released | I'm starting
    // kernel".
    FakeButton button(test_support::presses_at({3000ms, 5800ms, 15000ms}));
    const auto chosen = choose(button);

    const std::vector<LedChange> manual{
        {0ms, "on"},  // On: Kernel started, I'm starting rescue image. Prepare for announcements.
        // Blink: I'm going to do mode one (reset). Do you like it?
        {500ms, "off"},
        {1000ms, "on"},
        {1200ms, "off"},
        {1900ms, "on"},  // On: I'm waiting for your opinion. We don't like the mode 1, press at 3.0 s.
        // Blink blink: Ok, what about the mode two (btrfs rollback)?
        {3000ms, "off"},
        {3500ms, "on"},
        {3700ms, "off"},
        {3900ms, "on"},
        {4100ms, "off"},
        {4800ms, "on"},  // On: We don't like the mode two, press at 5.8 s.
        // Blink blink blink: what about the mode three.
        {5800ms, "off"},
        {6300ms, "on"},
        {6500ms, "off"},
        {6700ms, "on"},
        {6900ms, "off"},
        {7100ms, "on"},
        {7300ms, "off"},
        {8000ms, "on"},  // On: Let say we miss the announcement. There will be the second one.
        // Blink blink blink: This is the last warning.
        {11000ms, "off"},
        {11500ms, "on"},
        {11700ms, "off"},
        {11900ms, "on"},
        {12100ms, "off"},
        {12300ms, "on"},
        {12500ms, "off"},
        {13200ms, "on"},  // On: MOX is going to run mode three. We need to press the button, at 15.0 s.
        // Blink blink blink blink: I'm going to mode 4 (USB flashing). Do you like it?
        {15000ms, "off"},
        {15500ms, "on"},
        {15700ms, "off"},
        {15900ms, "on"},
        {16100ms, "off"},
        {16300ms, "on"},
        {16500ms, "off"},
        {16700ms, "on"},
        {16900ms, "off"},
        {17600ms,
         "on"},  // On (about 3 seconds): I'm waiting for your opinion. We do nothing to interrupt it.
        // Blink blink blink blink: second announcement.
        {20600ms, "off"},
        {21100ms, "on"},
        {21300ms, "off"},
        {21500ms, "on"},
        {21700ms, "off"},
        {21900ms, "on"},
        {22100ms, "off"},
        {22300ms, "on"},
        {22500ms, "off"},
        {23200ms, "on"},  // On (about 3 seconds): Everything is fine. Do nothing.
    };
    EXPECT_EQ(led.changes(), manual);
    EXPECT_EQ(chosen, boot::Mode::reflash_from_drive);  // Time's up. I'm going to execute mode 4.
    EXPECT_EQ(FakeClock::since_start(), 26200ms);
    EXPECT_TRUE(button.script_is_over());
    EXPECT_EQ(observer.notes(),
              (std::vector<std::string>{"announce 1 (1)", "press to 2", "announce 2 (1)", "release",
                                        "press to 3", "announce 3 (1)", "release", "announce 3 (2)",
                                        "press to 4", "announce 4 (1)", "release", "announce 4 (2)"}));
}

TEST_F(ChooseMode, WithNobodyAtTheButtonModeOneIsChosen) {
    FakeButton button;
    EXPECT_EQ(choose(button), boot::Mode::reboot);
    EXPECT_EQ(FakeClock::since_start(), 500ms + 2 * (1400ms + 3000ms));
}

TEST_F(ChooseMode, APressInTheInstantOfTheExecutionStillObjects) {
    FakeButton button(test_support::press_at(500ms + 2 * (1400ms + 3000ms)));
    EXPECT_EQ(choose(button), boot::Mode::rollback);
}

TEST_F(ChooseMode, TheHoldOfTheBootLoaderIsNoPress) {
    FakeButton button({{2500ms, board::ButtonEdge::released}}, true);
    EXPECT_EQ(choose(button), boot::Mode::reboot);
    EXPECT_EQ(observer.notes(), (std::vector<std::string>{"announce 1 (1)", "release", "announce 1 (2)"}));
}

TEST_F(ChooseMode, AStuckButtonStillGetsModeOne) {
    FakeButton button({}, true);
    EXPECT_EQ(choose(button), boot::Mode::reboot);
}

TEST_F(ChooseMode, AButtonThatAppearsHeldIsNoPressAndHoldsBackAFactoryReset) {
    FakeButton button({{4s, board::ButtonEdge::found_held}});
    EXPECT_EQ(choose(button, boot::Mode::factory_reset), std::nullopt);
    EXPECT_EQ(led.changes().back().shows, "on");
    EXPECT_NE(log.text().find("already held"), std::string::npos);
}

TEST_F(ChooseMode, ABrokenLedIsLoggedOnceAndDoesNotStopTheSelection) {
    led.break_down();
    FakeButton button(test_support::press_at(4s));
    EXPECT_EQ(choose(button), boot::Mode::rollback);
    EXPECT_GT(led.failed_writes(), 10);
    const auto text = log.text();
    const auto first = text.find("No such device");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(text.find("No such device", first + 1), std::string::npos);
}

}  // namespace
}  // namespace mox::rescue
