// Where the router is, by LED, button and console.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "panel/server/board_tracker.hpp"
#include "unit/panel/tracker_play.hpp"

namespace mox::virtual_mox::panel {
namespace {

TEST(BoardTracker, AHeldButtonLeadsToTheRescueSystem) {
    Play play;
    EXPECT_EQ(play.phase(), Phase::off);
    play.power(true);
    EXPECT_EQ(play.phase(), Phase::boot_loader);
    play.led(true, 1s);
    EXPECT_EQ(play.phase(), Phase::boot_loader);
    play.led(false, 5s);
    EXPECT_EQ(play.phase(), Phase::entering_rescue);
    play.button(false);
    EXPECT_EQ(play.phase(), Phase::entering_rescue);
    play.led(true, 1s);
    EXPECT_EQ(play.phase(), Phase::starting_rescue);
    play.blink(1);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::selecting, .mode = 1, .repetition = 1}));
    EXPECT_EQ(play.meanings.at(0), "I know you are holding a button. You can release it now.");
    EXPECT_EQ(play.meanings.at(1), "I'm starting the kernel.");
}

TEST(BoardTracker, AButtonThatIsNotHeldLongEnoughLeadsToANormalBoot) {
    Play never;
    never.power(false);
    never.led(true, 1s);
    EXPECT_EQ(never.phase(), Phase::normal_boot);

    Play let_go;
    let_go.power(true);
    let_go.led(true, 500ms);
    let_go.button(false);
    EXPECT_EQ(let_go.phase(), Phase::normal_boot);
    let_go.led(false, 1s);
    EXPECT_EQ(let_go.phase(), Phase::normal_boot) << "the installed system has the LED";
    let_go.story.on_console_event(LoginPrompt{});
    EXPECT_EQ(let_go.phase(), Phase::running);
}

TEST(BoardTracker, TheBootLoaderHasTheLastWordOnWhetherTheButtonWasHeld) {
    Play play;
    play.power(true);
    play.led(true, 1s);
    play.button(false);  // a moment before the LED goes off
    play.story.on_console_event(RescueChosen{});
    play.led(false, 5s);
    EXPECT_EQ(play.phase(), Phase::entering_rescue);
    play.led(true, 1s);
    EXPECT_EQ(play.phase(), Phase::starting_rescue);
}

TEST(BoardTracker, ALightThatAResetPutsOutIsNotTheBootLoaders) {
    Play play;
    play.power(false);
    play.led(true, 10s);
    play.button(true);
    play.reset(true);
    play.led(false, 200ms);
    EXPECT_EQ(play.phase(), Phase::boot_loader);
    play.led(true, 1s);
    play.led(false, 1s);
    EXPECT_EQ(play.phase(), Phase::entering_rescue);
}

TEST(BoardTracker, ThePresserOfTheManualGetsToModeFour) {
    Play play;
    play.enter_rescue();
    play.says(SelectionStarts{1});
    EXPECT_EQ(play.story.now(), Situation{.phase = Phase::starting_rescue});
    play.blink(1);
    play.press(2);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::selecting, .mode = 2, .repetition = 0}));
    play.blink(2);
    EXPECT_EQ(play.story.now().repetition, 1);
    play.press(3);
    play.blink(3);
    play.blink(3);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::selecting, .mode = 3, .repetition = 2}));
    play.press(4);
    play.blink(4);
    play.blink(4);
    play.says(ModeStarts{4});
    play.slow_blinking();
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::executing, .mode = 4}));
    EXPECT_EQ(play.story.announcements(), 6);
    play.reset(false);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::boot_loader}));
}

TEST(BoardTracker, ALightAfterTheSlowBlinkingIsNoQuestion) {
    Play play;
    play.enter_rescue();
    play.blink(4);
    play.blink(4);
    play.led(true, 2s);
    play.story.on_console_event(ModeStarts{4});
    play.slow_blinking();
    play.says(ModeEnds{4, false});
    play.led(true, 3s);
    play.led(false, 500ms);
    ASSERT_GE(play.meanings.size(), 3U);
    EXPECT_EQ(play.meanings.end()[-3], "I'm waiting for your opinion. Nothing was pressed.");
    EXPECT_EQ(play.meanings.end()[-2].substr(0, 9), "Time's up");
    EXPECT_EQ(play.meanings.end()[-1], "It is done: I'm about to reboot.");
}

TEST(BoardTracker, AfterModeSevenComesModeOne) {
    Play play;
    play.enter_rescue();
    play.blink(7);
    play.press(1);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::selecting, .mode = 1}));
}

TEST(BoardTracker, AForcedModeIsKnownFromTheConsole) {
    Play play;
    play.enter_rescue();
    play.story.on_console_event(ModeStarts{6});
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::executing, .mode = 6}));
    play.slow_blinking();
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::executing, .mode = 6}));
}

TEST(BoardTracker, ModesFiveAndSevenWaitForSomebodyWithALitLed) {
    for (const int mode : {5, 7}) {
        Play play;
        play.enter_rescue();
        play.blink(mode);
        play.blink(mode);
        play.story.on_console_event(ModeStarts{mode});
        play.led(true, 60s);
        EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::waiting_for_you, .mode = mode}));
    }
}

TEST(BoardTracker, TheConsoleTellsTheErrorAndItsReason) {
    Play play;
    play.enter_rescue();
    play.choose(4);
    play.slow_blinking();
    play.error_code(1);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::executing, .mode = 4}))
        << "a code that only the LED seems to show is a misreading";
    EXPECT_EQ(play.meanings.back(), "Nothing to show.");

    play.says(ErrorShown{2, "there is no medkit", "plug in a stick"});
    const Situation failed{.phase = Phase::failed,
                           .mode = 4,
                           .error = 2,
                           .reason = "there is no medkit",
                           .advice = "plug in a stick"};
    EXPECT_EQ(play.story.now(), failed);
    play.error_code(1);
    EXPECT_EQ(play.story.now(), failed);
    play.led(true, 500ms);
    play.error_code(2);
    EXPECT_EQ(play.story.now(), failed);
    EXPECT_EQ(play.meanings.back(), "It failed: error 2 (no valid medkit). A press reboots.");

    play.says(TriesAgain{});
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::executing, .mode = 4}));
    play.says(ErrorShown{3, "", ""});
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::failed, .mode = 4, .error = 3}));
    play.says(RebootsByPress{});
    EXPECT_EQ(play.story.now(), Situation{.phase = Phase::rebooting});
}

TEST(BoardTracker, ASlowBlinkThatIsReadLateDoesNotReviveAModeThatHasFailed) {
    Play play;
    play.enter_rescue();
    play.choose(4);
    play.led(false, 500ms);
    play.led(true, 500ms);
    play.led(false, 500ms);
    play.led(true, 500ms);
    play.says(ErrorShown{2, "", ""});
    play.led(false, 2s);  // the second blink is read now
    EXPECT_EQ(play.phase(), Phase::failed);
    EXPECT_FALSE(
        play.story.goes_on({.sign = led_decoder::Sign::slow_blinking, .blinks = 2, .from = {}, .until = {}}));
}

TEST(BoardTracker, ProgressIsThatOfTheModeThatRuns) {
    const ProgressSeen step{.step = "unpack", .number = 3, .count = 6, .fraction = 0.5, .detail = ""};
    Play play;
    play.says(step);
    EXPECT_EQ(play.story.now(), Situation{}) << "no power";
    play.enter_rescue();
    play.says(step);
    EXPECT_EQ(play.story.now().progress, std::nullopt) << "no mode runs";
    play.choose(4);
    play.says(step);
    EXPECT_EQ(play.story.now().progress, step);
    play.says(ErrorShown{2, "", ""});
    EXPECT_EQ(play.story.now().progress, std::nullopt);
    play.says(step);
    EXPECT_EQ(play.story.now().progress, std::nullopt) << "a line that came late";
    play.says(TriesAgain{});
    play.says(step);
    play.story.power_went();
    play.says(step);
    EXPECT_EQ(play.story.now(), Situation{});
    play.power(false);
    play.led(true, 1s);
    play.says(step);
    EXPECT_EQ(play.story.now(), Situation{.phase = Phase::normal_boot});
}

TEST(BoardTracker, TheBootLoadersPromptEndsAStart) {
    Play play;
    play.power(false);
    play.led(true, 10s);
    play.says(BootPrompt{});
    EXPECT_EQ(play.phase(), Phase::boot_prompt);
    play.led(false, 1s);
    EXPECT_EQ(play.meanings.back(), "The boot loader waits at its prompt: no system was started.");
    play.says(KernelStarts{});
    EXPECT_EQ(play.phase(), Phase::normal_boot) << "a user typed boot";
    play.says(LoginPrompt{});
    play.says(BootPrompt{});
    EXPECT_EQ(play.phase(), Phase::running) << "a user typed =>";

    Play rescue;
    rescue.power(true);
    rescue.led(true, 1s);
    rescue.says(RescueChosen{});
    rescue.button(false);
    rescue.led(false, 1s);
    EXPECT_EQ(rescue.phase(), Phase::entering_rescue);
    rescue.says(BootPrompt{});
    EXPECT_EQ(rescue.phase(), Phase::boot_prompt) << "the rescue image cannot be started";
}

TEST(BoardTracker, ARescueSystemThatIsStartedFromThePromptIsOne) {
    Play play;
    play.power(false);
    play.led(true, 10s);
    play.says(BootPrompt{});
    play.says(KernelStarts{});
    play.says(SelectionStarts{1});
    play.blink(1);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::selecting, .mode = 1, .repetition = 1}));
}

TEST(BoardTracker, ARescueProgramThatDiesStartsAnew) {
    Play play;
    play.enter_rescue();
    play.choose(4);
    play.says(RescueDied{});
    EXPECT_EQ(play.story.now(), Situation{.phase = Phase::starting_rescue});
    play.says(ErrorShown{5, "the rescue program was killed by signal 9", ""});
    EXPECT_EQ(play.story.now().error, 5);
}

TEST(BoardTracker, ANormalBootWithoutACardIsNoStartOfASystem) {
    Play play;
    play.power(false);
    play.led(true, 1s);
    play.led(false, 1s);
    EXPECT_EQ(play.meanings.back(), "Normal boot, but there is no card in the slot.");
    play.story.card_moved(true);
    play.led(true, 1s);
    play.led(false, 1s);
    EXPECT_EQ(play.meanings.back(), "Normal boot: I'm starting the system on the card.");
    play.says(KernelCrashed{});
    EXPECT_EQ(play.phase(), Phase::crashed);
}

TEST(BoardTracker, TheCodeOfTheTryBeforeIsNoFailureOfTheNewOne) {
    Play play;
    play.enter_rescue();
    play.story.on_console_event(ModeStarts{4});
    play.slow_blinking();
    play.story.on_console_event(ErrorShown{2, "", ""});
    play.led(false, 1500ms);
    play.led(true, 200ms);
    play.led(false, 300ms);
    play.story.on_console_event(TriesAgain{});
    // The LED completes the code, is dark for long, and blinks slowly.
    play.led(true, 200ms);
    play.led(false, 2s);
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::executing, .mode = 4}));
    play.led(true, 500ms);
    play.slow_blinking();
    EXPECT_EQ(play.story.now(), (Situation{.phase = Phase::executing, .mode = 4}));
    EXPECT_FALSE(
        play.story.goes_on({.sign = led_decoder::Sign::error_code, .blinks = 2, .from = {}, .until = {}}));
    EXPECT_TRUE(
        play.story.goes_on({.sign = led_decoder::Sign::slow_blinking, .blinks = 2, .from = {}, .until = {}}));
}

TEST(BoardTracker, WhatIsTypedOnTheConsoleMovesNothing) {
    Play off;
    off.story.on_console_event(ModeStarts{4});
    off.story.on_console_event(LoginPrompt{});
    EXPECT_EQ(off.phase(), Phase::off);

    Play running;
    running.power(false);
    running.led(true, 1s);
    running.story.on_console_event(LoginPrompt{});
    running.story.on_console_event(ModeStarts{4});
    running.story.on_console_event(ErrorShown{1, "", ""});
    running.story.on_console_event(RescueChosen{});
    EXPECT_EQ(running.phase(), Phase::running);

    Play rescue;
    rescue.enter_rescue();
    rescue.story.on_console_event(ModeStarts{9});
    EXPECT_EQ(rescue.phase(), Phase::starting_rescue);
}

TEST(BoardTracker, ThePulledPlugEndsEverything) {
    Play play;
    play.enter_rescue();
    play.blink(1);
    play.story.power_went();
    EXPECT_EQ(play.story.now(), Situation{});
    play.reset(false);
    EXPECT_EQ(play.phase(), Phase::off) << "what a killed QEMU still had to say";
}

}  // namespace
}  // namespace mox::virtual_mox::panel
