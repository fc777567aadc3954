// The button of the running demo system on the virtual MOX: mox-button as the medkit installs it, a real GPIO
// line, the kernel's own debouncing, a service that notes on the card whether it was stopped, and real
// resets.

#include <gtest/gtest.h>

#include <string>

#include "board/demo_card.hpp"
#include "board/running_router.hpp"
#include "led_decoder/user_model.hpp"

namespace mox::board_test {
namespace {

using virtual_mox::LedWatch;

constexpr auto down_within = 200ms;

class MoxButtonBoard : public RunningRouter {
protected:
    /// When the LED was lit first, later than `later` after the last press: since that press.
    Clock::duration first_lit_after(Clock::duration later) {
        const auto& presses = board().button_edges();
        auto press = presses.end() - 1;
        while (!presses[press].down) --press;
        const auto& edges = board().led_edges();
        for (auto at = edges.begin(); at < edges.end(); ++at) {
            const auto since = edges[at].board_time - presses[press].board_time;
            if (edges[at].lit && since > later) return since;
        }
        throw std::runtime_error("the LED stayed dark");
    }
};

class ShortPress : public RunningRouter, public testing::WithParamInterface<int> {};

TEST_P(ShortPress, RebootsGracefully) {
    assemble_router();
    act([&]() -> Play {
        co_await runs();
        must(co_await board().press_for(std::chrono::milliseconds(GetParam())));
        co_await sees("event=reboot held=");
        co_await sees("services: stop 90-keeper");
        co_await runs_again();
        EXPECT_EQ(co_await last_notes(), "stopped started");
    });
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, ShortPress, testing::Values(100, 1000, 3900));

class LongPress : public RunningRouter, public testing::WithParamInterface<int> {
protected:
    /// From 4 s, and what the kernel's debouncing adds to it, to the release the LED is dark.
    void expect_dark_led(Clock::duration pressed, Clock::duration released) {
        auto& edges = board().led_edges();
        bool lit = false;
        for (auto at = edges.begin(); at < edges.end() && edges[at].board_time < released; ++at) {
            const auto held = edges[at].board_time - pressed;
            EXPECT_LT(held, 4100ms) << "the LED changed after " << held / 1ms << " ms";
            lit = edges[at].lit;
        }
        EXPECT_FALSE(lit);
    }
};

TEST_P(LongPress, ResetsAtOnceAfterTheReleaseAndTheNextBootIsANormalOne) {
    assemble_router();
    act([&]() -> Play {
        co_await runs();
        const auto took = co_await press_resets(std::chrono::milliseconds(GetParam()));
        EXPECT_GT(took, 0ms);
        EXPECT_LT(took, down_within) << took / 1ms << " ms";
        RecordProperty("down_after_ms", static_cast<int>(took / 1ms));
        auto& edges = board().button_edges();
        if (GetParam() > 4500)
            expect_dark_led(edges[edges.end() - 2].board_time, edges[edges.end() - 1].board_time);
        EXPECT_FALSE(shown(console(), "services: stop"));
        co_await runs_again();
        EXPECT_EQ(co_await last_notes(), "started started");
    });
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, LongPress, testing::Values(4100, 6000));

TEST_F(MoxButtonBoard, HeldForTwentyFiveSecondsItDoesNothingAndWorksAfterwards) {
    assemble_router();
    act([&]() -> Play {
        co_await runs();
        const auto since = board().events().end();
        must(co_await board().press_for(25s));
        co_await sees("event=long-press");
        co_await sees("event=stuck");
        co_await sees("the button was stuck");
        EXPECT_TRUE(
            co_await board().led_edges().reaches(board().led_edges().end() + 2, Clock::now() + boot_patience))
            << "no heartbeat any more";
        // Dark from the fourth second on, until the heartbeat comes back, which has pauses of its own.
        const auto lit_after = first_lit_after(5s);
        EXPECT_GE(lit_after, 20s);
        EXPECT_LE(lit_after, 22s);
        EXPECT_FALSE(was_reset_since(since));
        static_cast<void>(co_await press_resets(500ms));
        EXPECT_TRUE(shown(console(), "services: stop 90-keeper"));
    });
}

TEST_F(MoxButtonBoard, WhenTheGracefulRebootHangsASecondLongPressResets) {
    assemble_router();
    act([&]() -> Play {
        co_await runs();
        static_cast<void>(
            co_await says("printf '#!/bin/sh\\n[ $1 = start ] || sleep 1000\\n' "
                          ">/etc/services/95-stubborn; chmod 755 /etc/services/95-stubborn"));
        const auto since = board().events().end();
        must(co_await board().press_for(500ms));
        co_await sees("services: stop 95-stubborn");
        co_await board().passes(5s);
        EXPECT_FALSE(was_reset_since(since));
        EXPECT_LT(co_await press_resets(5s), down_within);
        EXPECT_FALSE(shown(console(), "services: stop 90-keeper"));
        co_await runs_again();
        EXPECT_EQ(co_await last_notes(), "started started");
    });
}

TEST_F(MoxButtonBoard, TheWholeCircleFromABrokenSystemThroughResetAndRescueBackToWork) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        static_cast<void>(co_await says("rm -r /etc/inittab /etc/init.d /etc/services; sync"));
        EXPECT_LT(co_await press_resets(5s), down_within);
        // Held again, as a person does who wants the rescue system.
        must(co_await board().press());
        co_await sees("RESET button was pressed");
        co_await board().passes(300ms);
        must(co_await board().release());
        LedWatch watch(board());
        const led_decoder::UserModel person{.wanted_mode = 2, .missed_mode = 0};
        static_cast<void>(must(co_await virtual_mox::choose_mode(board(), watch, person)));
        co_await sees("is done; rebooting", mode_patience);
        co_await runs_again();
        EXPECT_EQ(co_await says("cat /root/diary"), "before\r\n");
        static_cast<void>(co_await press_resets(500ms));
        EXPECT_TRUE(shown(console(), "services: stop 90-keeper"));
    });
}

}  // namespace
}  // namespace mox::board_test
