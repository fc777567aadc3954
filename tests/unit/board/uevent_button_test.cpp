// The button as OpenWrt's driver gpio-button-hotplug tells of it: which uevents are presses, and when they
// were.
#include "board/uevent_button.hpp"

#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <chrono>
#include <string>
#include <variant>

namespace mox::board {
namespace {

using namespace std::chrono_literals;

const Clock::time_point start{1000s};

Uevent event(std::string action, std::chrono::seconds seen) {
    return {.action = std::move(action), .subsystem = "button", .button = "reset", .seen = seen};
}

/// What is taken next: "pressed 0", "released 4000" (milliseconds after `start`), "lost", "lost while down",
/// "nothing".
std::string next(UeventPresses& presses) {
    const auto taken = presses.take();
    if (const auto* edge = std::get_if<ButtonEvent>(&taken)) {
        const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(edge->at - start).count();
        return (edge->edge == ButtonEdge::pressed ? "pressed " : "released ") + std::to_string(at);
    }
    const auto* lost = std::get_if<ButtonSource::Lost>(&taken);
    if (lost == nullptr) return "nothing";
    return lost->was_down ? "lost while down" : "lost";
}

TEST(UeventButton, KnowsTheNamesOfABoardsKeys) {
    EXPECT_EQ(uevent_name(KEY_RESTART), "reset");
    EXPECT_EQ(uevent_name(BTN_0), "BTN_0");
    EXPECT_EQ(uevent_name(KEY_A), "");
}

TEST(UeventButton, APressHasTheTimesAtWhichItWasReceived) {
    UeventPresses presses;
    presses.add(event("pressed", 862s), start);
    EXPECT_FALSE(presses.is_down());
    EXPECT_EQ(next(presses), "pressed 0");
    EXPECT_TRUE(presses.is_down());
    presses.add(event("released", 4s), start + 4900ms);
    EXPECT_EQ(next(presses), "released 4900");
    EXPECT_FALSE(presses.is_down());
    EXPECT_EQ(next(presses), "nothing");
}

// The router stood still, and both uevents were read at once: SEEN tells how long the button was held.
TEST(UeventButton, APressThatWaitedIsAsLongAsTheDriverSays) {
    UeventPresses presses;
    presses.add(event("pressed", 60s), start);
    presses.add(event("released", 5s), start + 1ms);
    EXPECT_EQ(next(presses), "pressed -4999");
    EXPECT_EQ(next(presses), "released 1");
}

TEST(UeventButton, APressWhoseBeginWasReadLateEndsLater) {
    UeventPresses presses;
    presses.add(event("pressed", 60s), start);
    EXPECT_EQ(next(presses), "pressed 0");
    presses.add(event("released", 5s), start + 4500ms);
    EXPECT_EQ(next(presses), "released 5000");
}

TEST(UeventButton, PressesThatWaitedStayInTheirOrder) {
    UeventPresses presses;
    presses.add(event("pressed", 60s), start);
    presses.add(event("released", 0s), start + 1ms);
    presses.add(event("pressed", 0s), start + 2ms);
    presses.add(event("released", 6s), start + 3ms);
    EXPECT_EQ(next(presses), "pressed -59");
    EXPECT_EQ(next(presses), "released 1");
    EXPECT_EQ(next(presses), "pressed 2");
    EXPECT_EQ(next(presses), "released 6002");
}

TEST(UeventButton, AReleaseWithoutAPressIsNothing) {
    UeventPresses presses;
    presses.add(event("released", 9s), start);
    EXPECT_EQ(next(presses), "nothing");
    EXPECT_FALSE(presses.is_down());
}

TEST(UeventButton, OtherActionsAreNothing) {
    UeventPresses presses;
    for (const auto* action : {"timeout", "add", "change", ""}) presses.add(event(action, 1s), start);
    EXPECT_EQ(next(presses), "nothing");
}

TEST(UeventButton, AHeldButtonOfWhichUeventsWereLostIsLost) {
    UeventPresses presses;
    presses.lose_track();
    EXPECT_EQ(next(presses), "nothing");
    presses.add(event("pressed", 1s), start);
    presses.lose_track();
    EXPECT_EQ(next(presses), "pressed 0");
    EXPECT_EQ(next(presses), "lost while down");
    EXPECT_FALSE(presses.is_down());
    presses.add(event("released", 1s), start + 1s);
    EXPECT_EQ(next(presses), "nothing");
}

}  // namespace
}  // namespace mox::board
