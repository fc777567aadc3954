// What the pages show never contradicts itself or the console, whatever happens to the board: thousands of
// lives of a board, with plugs pulled, resets, presses, lines cut short and lines that came late at any
// moment. MOX_SEED=N repeats a run, MOX_SOAK_SECONDS=N goes on longer.

#include "panel/server/board_model.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/seeds.hpp"
#include "unit/panel/played_board.hpp"

namespace mox::virtual_mox::panel {
namespace {

/// A life as it should be, from the plug to the login or to the boot loader's prompt. `noise`: the chance of
/// any other input between two steps.
class Life {
public:
    Life(PlayedBoard& board, int noise) : board_(board), noise_(noise) {}

    void live() {
        step([&] { board_.power(false); });
        step([&] { board_.card(true); });
        enter_rescue();
        const int mode = select();
        if (mode == 5 || mode == 7)
            wait_for_user(mode);
        else
            execute(mode);
        step([&] { board_.reset(); });
        expect(Phase::boot_loader);
        boot();
    }

private:
    template <typename Act>
    void step(Act act) {
        while (board_.in(noise_)) any_input(board_);
        act();
    }
    void led(bool lit, Clock::duration length) {
        step([&] {
            if (board_.state().power) board_.led(lit, length);
        });
    }
    void line(const std::string& text) {
        step([&] {
            if (board_.state().power) board_.line(text);
        });
    }
    /// Only a life without noise must be where it should.
    void expect(Phase phase, int mode = 0, int error = 0) {
        if (noise_ > 0) return;
        {
            EXPECT_EQ(board_.now().phase, phase);
        }
        EXPECT_EQ(board_.now().mode, mode);
        EXPECT_EQ(board_.now().error, error);
    }

    void enter_rescue() {
        step([&] { board_.power_with_button(); });
        expect(Phase::boot_loader);
        led(true, 1s);
        const bool let_go_early = board_.in(30);
        line("RESET button was pressed, overwriting boot_targets!");
        if (let_go_early) step([&] { board_.button(false); });
        led(false, 4s);
        expect(Phase::entering_rescue);
        if (!let_go_early) step([&] { board_.button(false); });
        line("Starting kernel ...");
        led(true, 1s);
        expect(Phase::starting_rescue);
        line(in_log("selecting a mode, mode 1 (standard reboot) is first"));
        expect(Phase::starting_rescue);
    }

    int select() {
        const int wanted = board_.below(7) + 1;
        for (int mode = 1;; ++mode) {
            announce(mode);
            if (noise_ == 0) {
                EXPECT_EQ(board_.now().repetition, 1);
            }
            expect(Phase::selecting, mode);
            if (mode == wanted) break;
            step([&] { board_.button(true); });
            line(in_log("button pressed: " + mode_text(mode + 1) + " is next"));
            expect(Phase::selecting, mode + 1);
            step([&] { board_.button(false); });
        }
        announce(wanted);
        led(true, 3s);
        line(in_log("executing " + mode_text(wanted)));
        return wanted;
    }

    void announce(int mode) {
        step([&] {
            if (board_.state().power) blinks(board_, mode, 500ms, 500ms, noise_ > 0);
        });
        led(true, 1s);
    }

    void wait_for_user(int mode) {
        expect(Phase::waiting_for_you, mode);
        led(true, 20s);
        line(in_log("button pressed: rebooting"));
        expect(Phase::rebooting);
    }

    void execute(int mode) {
        expect(Phase::executing, mode);
        for (int number = 1; number <= 3; ++number) {
            line("[" + std::to_string(number) + "/3] working  [####....]  36%  78.1 MB of 215.3 MB");
            led(false, 500ms);
            led(true, 500ms);
        }
        if (noise_ == 0) {
            EXPECT_EQ(board_.now().progress.value_or(ProgressSeen{}).number, 3);
        }
        const bool fails = board_.in(60);
        // A blink is cut short by what comes next, or not.
        led(false, board_.in(50) ? 500ms : 130ms);
        if (fails) return fail(mode);
        line(in_log(mode_text(mode) + " is done; rebooting"));
        expect(Phase::rebooting, mode);
        led(true, 2s);
    }

    void fail(int mode) {
        const int code = board_.below(5) + 1;
        line(in_log("error: sda1: there is no medkit"));
        line(in_log("hint: plug in another stick"));
        line(in_log("error: The LED shows error " + std::to_string(code) + " (medkit). Press"));
        expect(Phase::failed, mode, code);
        if (noise_ == 0) {
            EXPECT_EQ(board_.now().reason, "sda1: there is no medkit");
        }
        for (int round = 0; round < 2; ++round)
            step([&] {
                if (board_.state().power) blinks(board_, code, 2s, 2s, noise_ > 0);
            });
        expect(Phase::failed, mode, code);
        if (board_.in(30)) {
            line(in_log("a drive was plugged in: trying again"));
            return execute(mode);
        }
        step([&] { board_.button(true); });
        line(in_log("button pressed: rebooting"));
        step([&] { board_.button(false); });
        expect(Phase::rebooting);
    }

    void boot() {
        led(false, 300ms);
        led(true, 2s);
        expect(Phase::normal_boot);
        const bool without_card = board_.in(30);
        if (without_card) step([&] { board_.card(false); });
        if (without_card || board_.in(30)) {
            step([&] {
                if (board_.state().power) board_.boot_prompt();
            });
            return expect(Phase::boot_prompt);
        }
        line("Starting kernel ...");
        led(false, 300ms);
        step([&] {
            if (board_.state().power) board_.bytes("\r\nmox login: ", "");
        });
        expect(Phase::running);
    }

    PlayedBoard& board_;
    int noise_;
};

std::string last_inputs(const PlayedBoard& board) {
    std::string text;
    for (const auto& input : board.inputs()) text += "\n  " + input;
    return text;
}

TEST(BoardModel, WhatIsShownNeverContradictsItselfOrTheConsole) {
    const auto seed = test_support::test_seed();
    const test_support::SoakClock clock(4s);
    std::map<Phase, int> phases;
    std::map<Sign, int> signs;
    int lives = 0;
    for (std::uint64_t life = seed; lives < 2000 || !clock.is_over(); ++life, ++lives) {
        PlayedBoard board(life);
        const int noise = life % 4 == 0 ? 0 : board.below(40);
        for (int again = 0; again < 2; ++again) Life(board, noise).live();
        for (int any = 0; any < 40; ++any) any_input(board);
        for (const auto& [phase, count] : board.phases()) phases[phase] += count;
        for (const auto& [sign, count] : board.signs()) signs[sign] += count;
        ASSERT_FALSE(testing::Test::HasFailure())
            << "MOX_SEED=" << life << ", noise " << noise << "; last inputs:" << last_inputs(board);
    }
    EXPECT_EQ(phases.size(), 13U) << "every phase was reached";
    EXPECT_EQ(signs.size(), 6U) << "every sign was told";
    std::printf("%d lives\n", lives);
}

TEST(BoardModel, APatternEndsWithWhatItTold) {
    PlayedBoard board(1);
    board.power_with_button();
    board.led(true, 1s);
    board.led(false, 4s);
    board.led(true, 1s);
    board.line(in_log("executing mode 4 (re-flash)"));
    for (int i = 0; i < 3; ++i) {
        board.led(false, 500ms);
        board.led(true, 500ms);
    }
    EXPECT_EQ(board.now().phase, Phase::executing);
    EXPECT_EQ(board.signs().at(Sign::slow_blinking), 1);
    board.power(false);
    EXPECT_EQ(board.signs().at(Sign::slow_blinking), 2) << "its end is told";
    EXPECT_EQ(board.now(), Situation{});
}

TEST(BoardModel, ALineThatThePlugHasCutIsNotCompletedByTheNextStart) {
    BoardModel model(Clock::time_point(1h));
    static_cast<void>(model.power_comes(false, Clock::time_point(1h)));
    static_cast<void>(model.led_changed(true, Clock::time_point(1h + 1s)));
    static_cast<void>(model.console_says("[    1.000] executing ", Clock::time_point(1h + 2s)));
    static_cast<void>(model.power_goes(Clock::time_point(1h + 3s)));
    static_cast<void>(model.power_comes(false, Clock::time_point(1h + 4s)));
    static_cast<void>(model.led_changed(true, Clock::time_point(1h + 5s)));
    static_cast<void>(model.console_says("mode 4 (re-flash)\r\n", Clock::time_point(1h + 6s)));
    EXPECT_EQ(model.state().situation, Situation{.phase = Phase::normal_boot});
}

}  // namespace
}  // namespace mox::virtual_mox::panel
