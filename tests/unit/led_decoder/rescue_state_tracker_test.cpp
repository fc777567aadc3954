#include "led_decoder/rescue_state_tracker.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "led_decoder/led_trace.hpp"
#include "led_decoder/user_model.hpp"

namespace mox::led_decoder {
namespace {

using namespace std::chrono_literals;

const Clock::time_point power_on{1h};

Reading reading(Sign sign, int blinks = 0, Clock::duration length = 3s) {
    return {sign, blinks, power_on, power_on + length};
}

TEST(RescueStateTracker, TheSecondTimeTheSameModeIsTheLastWarning) {
    RescueStateTracker story;
    const auto announce = reading(Sign::announcement, 3);
    EXPECT_EQ(story.row_for(announce, ButtonUse::released, Stage::rescue).meaning,
              "I'm going to do mode 3 (rollback to factory reset). Do you like it?");
    EXPECT_EQ(story.announced().repetition, 1);
    static_cast<void>(story.row_for(reading(Sign::lit), ButtonUse::released, Stage::rescue));
    EXPECT_EQ(story.row_for(announce, ButtonUse::released, Stage::rescue).meaning,
              "Last warning: if you do nothing, I'm going to do mode 3 (rollback to factory reset).");
    EXPECT_EQ(story.announced().repetition, 2);
}

TEST(RescueStateTracker, AfterARoundOfSevenAModeIsAnnouncedAfreshNotWarnedOf) {
    RescueStateTracker story;
    const auto announce = reading(Sign::announcement, 1);
    static_cast<void>(story.row_for(announce, ButtonUse::released, Stage::rescue));
    static_cast<void>(story.row_for(reading(Sign::lit), ButtonUse::pressed, Stage::rescue));
    static_cast<void>(story.row_for(announce, ButtonUse::released, Stage::rescue));
    EXPECT_EQ(story.announced().repetition, 1);
}

TEST(RescueStateTracker, AnObjectionIsShownWithTheModeThatIsNotLiked) {
    RescueStateTracker story;
    static_cast<void>(story.row_for(reading(Sign::announcement, 2), ButtonUse::released, Stage::rescue));
    const auto row = story.row_for(reading(Sign::lit, 0, 1200ms), ButtonUse::pressed, Stage::rescue);
    EXPECT_EQ(row.led, "On (1.2 s)");
    EXPECT_EQ(row.button, "Pressed");
    EXPECT_EQ(row.meaning, "We don't like mode 2: the button is pressed.");
}

TEST(RescueStateTracker, AnErrorCodeSaysWhatItStandsFor) {
    RescueStateTracker story;
    const auto row = story.row_for(reading(Sign::error_code, 2), ButtonUse::released, Stage::rescue);
    EXPECT_EQ(row.led, "Blink blink");
    EXPECT_EQ(row.meaning, "It failed: error 2 (no valid medkit). A press reboots.");
}

TEST(RescueStateTracker, ALightAfterASuccessOrAnErrorIsNoQuestion) {
    RescueStateTracker story;
    const auto meaning = [&](Sign sign, int blinks = 0) {
        return story.row_for(reading(sign, blinks), ButtonUse::released, Stage::rescue).meaning;
    };
    static_cast<void>(meaning(Sign::announcement, 4));
    EXPECT_EQ(meaning(Sign::lit), "I'm waiting for your opinion. Nothing was pressed.");
    static_cast<void>(meaning(Sign::slow_blinking));
    EXPECT_EQ(meaning(Sign::lit), "It is done: I'm about to reboot.");
    static_cast<void>(meaning(Sign::dark));
    static_cast<void>(meaning(Sign::error_code, 3));
    EXPECT_EQ(meaning(Sign::lit), "The button was pressed: I'm about to reboot.");
    static_cast<void>(meaning(Sign::announcement, 1));
    EXPECT_EQ(meaning(Sign::lit), "I'm waiting for your opinion. Nothing was pressed.");
}

TEST(RescueStateTracker, AForcedModeHasNoNumber) {
    RescueStateTracker story;
    EXPECT_EQ(story.row_for(reading(Sign::slow_blinking), ButtonUse::released, Stage::rescue).meaning,
              "I'm executing a mode that was not announced. Do not unplug me.");
}

TEST(RescueStateTracker, RowsStandInColumns) {
    RescueStateTracker story;
    const auto row = story.row_for(reading(Sign::announcement, 4), ButtonUse::released, Stage::rescue);
    EXPECT_EQ(
        table_line(12340ms, row),
        " 12.3 s | Blink blink blink blink | Released | I'm going to do mode 4 (re-flash router from flash "
        "drive/micro SD). Do you like it?");
    const auto head = table_head();
    EXPECT_EQ(head.find(" | Button"), table_line(1s, row).find(" | Released"));
}

TEST(UserModel, PlaysTheSampleScenarioOfTheManual) {
    const UserModel person;
    EXPECT_TRUE(person.objects_to({1, 1}));
    EXPECT_TRUE(person.objects_to({2, 1}));
    EXPECT_FALSE(person.objects_to({3, 1})) << "the announcement is missed";
    EXPECT_TRUE(person.objects_to({3, 2}));
    EXPECT_FALSE(person.objects_to({4, 1}));
    EXPECT_FALSE(person.objects_to({4, 2}));
}

TEST(LedTrace, DrawsTheNewestPastInTenthsOfASecond) {
    LedTrace strip('.', '#');
    strip.changed(true, power_on + 200ms);
    strip.changed(false, power_on + 400ms);
    strip.changed(true, power_on + 900ms);
    EXPECT_EQ(strip.draw(10, power_on + 1s), "..##.....#");
    EXPECT_EQ(strip.draw(4, power_on + 1300ms), "####");
}

TEST(LedTrace, ABlinkShorterThanACellIsStillSeen) {
    LedTrace strip('.', '#');
    strip.changed(true, power_on + 240ms);
    strip.changed(false, power_on + 260ms);
    EXPECT_EQ(strip.draw(5, power_on + 500ms), "..#..");
}

}  // namespace
}  // namespace mox::led_decoder
