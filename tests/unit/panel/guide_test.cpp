// What people are told about the board in each situation.

#include "panel/server/guide.hpp"

#include <gtest/gtest.h>

#include <string>

#include "panel/server/board_tracker.hpp"

namespace mox::virtual_mox::panel {
namespace {

BoardState in(const Situation& situation) {
    BoardState board;
    board.power = situation.phase != Phase::off;
    board.card.in = true;
    board.situation = situation;
    return board;
}

TEST(Guide, TellsWhatTheLedMeansAndWhatToDo) {
    const auto first = in({.phase = Phase::selecting, .mode = 3, .repetition = 1});
    EXPECT_EQ(meaning_of(first), "announces mode 3: rollback to factory reset");
    EXPECT_EQ(hint_for(first),
              "Press to move on to mode 4; do nothing and the announcement is repeated once before it runs.");

    const auto last = in({.phase = Phase::selecting, .mode = 7, .repetition = 2});
    EXPECT_EQ(hint_for(last),
              "Last warning: press to move on to mode 1; do nothing and mode 7 runs in three seconds.");

    const auto failed = in({.phase = Phase::failed, .mode = 4, .error = 2});
    EXPECT_EQ(meaning_of(failed), "failed with error 2: no valid medkit");
    EXPECT_EQ(hint_for(failed), "Try another stick: plug it in and it is tried. A press reboots.");

    EXPECT_EQ(doing_of(failed), "failed with code 2");
    const auto advised =
        in({.phase = Phase::failed, .mode = 4, .error = 2, .reason = "", .advice = "plug in another"});
    EXPECT_EQ(hint_for(advised), "Plug in another. A press reboots.");

    EXPECT_NE(hint_for(in({.phase = Phase::executing, .mode = 4})).find("Do not unplug"), std::string::npos);
    EXPECT_NE(hint_for(in({.phase = Phase::waiting_for_you, .mode = 5})).find("ssh root@192.168.1.1"),
              std::string::npos);
    EXPECT_NE(hint_for(in({.phase = Phase::waiting_for_you, .mode = 7})).find("shell"), std::string::npos);
}

TEST(Guide, KnowsWhetherTheButtonIsDownAndACardIsThere) {
    auto off = in({});
    const auto free = hint_for(off);
    off.button_down = true;
    EXPECT_EQ(hint_for(off),
              "Keep the button pressed and plug in the power adapter: the rescue system starts.");
    EXPECT_NE(hint_for(off), free);

    auto entering = in({.phase = Phase::entering_rescue});
    entering.button_down = true;
    EXPECT_EQ(hint_for(entering), "You can let go of the button now.");

    auto boot = in({.phase = Phase::normal_boot});
    boot.card.in = false;
    EXPECT_NE(hint_for(boot).find("no card"), std::string::npos);
    EXPECT_EQ(meaning_of(boot), "normal boot, but there is no card in the slot");
    EXPECT_EQ(doing_of(boot), "booting without a card");
    boot.card.in = true;
    EXPECT_EQ(meaning_of(boot), "normal boot: the system on the card starts");
}

TEST(Guide, EverySituationHasItsWords) {
    for (const auto phase :
         {Phase::off, Phase::boot_loader, Phase::entering_rescue, Phase::starting_rescue, Phase::selecting,
          Phase::executing, Phase::waiting_for_you, Phase::failed, Phase::normal_boot, Phase::running,
          Phase::boot_prompt, Phase::rebooting, Phase::crashed})
        for (int number = 0; number <= 8; ++number) {
            const auto board = in({.phase = phase, .mode = number, .repetition = 1, .error = number});
            EXPECT_NE(meaning_of(board), "");
            EXPECT_NE(hint_for(board), "");
            EXPECT_NE(doing_of(board), "");
        }
}

TEST(Guide, ThePortsLedsBlinkWhenTheBootLoaderEntersRescue) {
    auto board = in({.phase = Phase::entering_rescue});
    EXPECT_EQ(port_leds(board), PortLeds::blinking);
    board.situation.phase = Phase::running;
    EXPECT_EQ(port_leds(board), PortLeds::link);
    board.cable = false;
    EXPECT_EQ(port_leds(board), PortLeds::off);
    EXPECT_EQ(port_leds(in({})), PortLeds::off);
}

}  // namespace
}  // namespace mox::virtual_mox::panel
