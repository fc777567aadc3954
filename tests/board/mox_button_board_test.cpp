// The button of the running demo system on the virtual MOX: mox-button as the medkit installs it, a real GPIO
// line, the kernel's own debouncing, a service that notes on the card whether it was stopped, and real
// resets. Looks at exact times, so it runs alone.

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "onlooker/person.hpp"

namespace mox::board_test {
namespace {

using virtual_mox::EventJournal;
using virtual_mox::LedWatch;

constexpr auto down_within = 200ms;

class ButtonOfRunningRouter : public RescueBoard {
protected:
    /// From power-on to the shell.
    Play runs() {
        co_await boots_the_card();
        co_await logs_in();
    }
    Play runs_again() {
        co_await sees("mox login:");
        co_await logs_in();
    }

    /// Presses; answers how long after the release the board was reset.
    asio::awaitable<Clock::duration> press_resets(Clock::duration held, Clock::duration patience = 60s) {
        const auto since = board().events().end();
        must(co_await board().press_for(held));
        const auto reset = must(co_await board().event("RESET", since, patience));
        auto& edges = board().button_edges();
        co_return reset.at - edges[edges.end() - 1].at;
    }

    /// Presses until the press was noticed (what `sign` says on the console), at most three times; answers
    /// how often. A press of little more than the kernel's 60 ms is none if the host stops the emulated
    /// processor in the middle of it: then the kernel's timer finds the button released again.
    asio::awaitable<int> press_until_seen(Clock::duration held, std::string sign) {
        for (int times = 1; times < 3; ++times) {
            must(co_await board().press_for(held));
            const auto seen = co_await console().expect(sign, 3s);
            if (seen) co_return times;
        }
        must(co_await board().press_for(held));
        co_await sees(sign, 10s);
        co_return 3;
    }

    [[nodiscard]] bool was_reset_since(EventJournal::Position since) {
        for (auto at = since; at < board().events().end(); ++at)
            if (board().events()[at].name == "RESET") return true;
        return false;
    }

    /// What the service noted last, oldest first: "stopped started" after an orderly reboot.
    asio::awaitable<std::string> last_notes() {
        auto notes = co_await says("tail -n 2 /var/lib/keeper/journal | cut -d' ' -f3 | tr '\\n' ' '");
        notes.resize(notes.find_last_not_of(" \r\n") + 1);
        co_return notes;
    }

    asio::awaitable<long> number(std::string command) {
        const auto text = co_await says(std::move(command));
        long value = -1;
        std::from_chars(text.data(), text.data() + text.size(), value);
        co_return value;
    }

    /// Another configuration, on the card for all boots to come.
    Play configure(std::string lines) {
        static_cast<void>(co_await says("printf '" + lines + "' >/etc/mox-button.conf; sync"));
        must(console().type("kill $(pidof mox-button); /etc/services/20-mox-button start\r"));
        co_await sees("event=start");
        co_await sees("button=found");
    }
};

class ShortPress : public ButtonOfRunningRouter, public testing::WithParamInterface<int> {};

TEST_P(ShortPress, RebootsGracefully) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        static_cast<void>(
            co_await press_until_seen(std::chrono::milliseconds(GetParam()), "event=reboot held="));
        co_await sees("services: stop 90-keeper");
        co_await runs_again();
        EXPECT_EQ(co_await last_notes(), "stopped started");
        EXPECT_FALSE(shown(console(), "Button held"));
    });
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, ShortPress, testing::Values(100, 1000, 3900));

class LongPress : public ButtonOfRunningRouter, public testing::WithParamInterface<int> {
protected:
    /// From 4 s, and what the kernel's debouncing and a busy machine add to it, to the release the LED is
    /// dark.
    void expect_dark_led(Clock::time_point pressed, Clock::time_point released) {
        auto& edges = board().led_edges();
        bool lit = false;
        for (auto at = edges.begin(); at < edges.end() && edges[at].at < released; ++at) {
            const auto held = edges[at].at - pressed;
            EXPECT_LT(held, 4500ms) << "the LED changed after " << held / 1ms << " ms";
            lit = edges[at].lit;
        }
        EXPECT_FALSE(lit);
    }
};

TEST_P(LongPress, ResetsAtOnceAfterTheReleaseAndTheNextBootIsANormalOne) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        const auto took = co_await press_resets(std::chrono::milliseconds(GetParam()));
        EXPECT_GT(took, 0ms);
        EXPECT_LT(took, down_within) << took / 1ms << " ms";
        RecordProperty("down_after_ms", static_cast<int>(took / 1ms));
        auto& edges = board().button_edges();
        if (GetParam() > 4500) expect_dark_led(edges[edges.end() - 2].at, edges[edges.end() - 1].at);
        EXPECT_FALSE(shown(console(), "services: stop"));
        co_await runs_again();
        EXPECT_EQ(co_await last_notes(), "started started");
        EXPECT_FALSE(shown(console(), "Button held"));
    });
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, LongPress, testing::Values(4100, 6000));

TEST_F(ButtonOfRunningRouter, HeldForTwentyFiveSecondsItDoesNothingAndWorksAfterwards) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        const auto since = board().events().end();
        const auto pressed = Clock::now();
        must(co_await board().press_for(25s));
        co_await sees("event=long-press");
        const auto stuck = must(co_await console().expect("event=stuck", 10s)).at;
        EXPECT_NEAR(std::chrono::duration<double>(stuck - pressed).count(), 20.1, 0.5);
        co_await sees("the button was stuck");
        EXPECT_TRUE(co_await board().led_edges().reaches(board().led_edges().end() + 2, Clock::now() + 10s))
            << "no heartbeat any more";
        EXPECT_FALSE(was_reset_since(since));
        static_cast<void>(co_await press_resets(500ms));
        EXPECT_TRUE(shown(console(), "services: stop 90-keeper"));
    });
}

TEST_F(ButtonOfRunningRouter, WhenTheGracefulRebootHangsASecondLongPressResets) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        static_cast<void>(
            co_await says("printf '#!/bin/sh\\n[ $1 = start ] || sleep 1000\\n' "
                          ">/etc/services/95-stubborn; chmod 755 /etc/services/95-stubborn"));
        const auto since = board().events().end();
        must(co_await board().press_for(500ms));
        co_await sees("services: stop 95-stubborn");
        co_await wait(5s);
        EXPECT_FALSE(was_reset_since(since));
        EXPECT_LT(co_await press_resets(5s), down_within);
        EXPECT_FALSE(shown(console(), "services: stop 90-keeper"));
        co_await runs_again();
        EXPECT_EQ(co_await last_notes(), "started started");
    });
}

TEST_F(ButtonOfRunningRouter, OnAShieldALongPressGoesBackToTheFactorySnapshot) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        EXPECT_EQ(co_await says("cat /etc/turris-version"), std::string(old_version) + "\r\n");
        co_await configure("long_press = factory-reset\\n");
        const auto since = board().events().end();
        must(co_await board().press_for(5s));
        co_await sees("event=factory-reset");
        co_await sees("event=done work=\"factory reset\"");
        static_cast<void>(must(co_await board().event("RESET", since, 60s)));
        co_await runs_again();
        EXPECT_EQ(co_await says("cat /etc/turris-version"), std::string(new_version) + "\r\n");
        EXPECT_NE((co_await says("schnapps list")).find("rollback"), std::string::npos)
            << "the state before is not kept";
    });
}

/// Presses of one pattern, with a contact that bounces at both ends for less than the kernel's 60 ms.
struct RandomPress {
    std::vector<Clock::duration> bounces;  ///< down, up, down, ... before the contact is closed
    Clock::duration held{};
    std::vector<Clock::duration> end_bounces;  ///< up, down, up, ... before it is open
    Clock::duration pause{};
};

/// Thresholds of 1 and 2 s, so that 50 patterns take a minute; nothing near to them, because an emulated
/// processor may be late.
class Patterns {
public:
    std::vector<RandomPress> next() {
        std::vector<RandomPress> presses;
        for (int count = number(1, 3); count > 0; --count) presses.push_back(press());
        return presses;
    }

private:
    int number(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
    Clock::duration time(int least, int most) { return std::chrono::milliseconds(number(least, most)); }

    std::vector<Clock::duration> bounces() {
        std::vector<Clock::duration> lengths;
        for (int pairs = number(0, 3); pairs > 0; --pairs) {
            lengths.push_back(time(2, 20));
            lengths.push_back(time(2, 20));
        }
        return lengths;
    }
    RandomPress press() {
        const int kind = number(1, 20);
        const auto held = kind == 1 ? time(1200, 1750) : kind <= 4 ? time(2250, 2900) : time(250, 800);
        return {.bounces = bounces(), .held = held, .end_bounces = bounces(), .pause = time(100, 400)};
    }

    std::mt19937 random_{20261122};
};

class RandomPatterns : public ButtonOfRunningRouter {
protected:
    Play play(const RandomPress& press) {
        for (std::size_t i = 0; i < press.bounces.size(); ++i) co_await half(i % 2 == 0, press.bounces[i]);
        co_await half(true, press.held);
        for (std::size_t i = 0; i < press.end_bounces.size(); ++i)
            co_await half(i % 2 != 0, press.end_bounces[i]);
        must(co_await board().release());
    }

    /// What the model expects of one press; true when it ended in a reset.
    asio::awaitable<bool> is_judged_right(const RandomPress& press) {
        const auto since = board().events().end();
        co_await play(press);
        if (press.held < 1s) {
            co_await sees("event=reboot");
            co_await sees("event=done");
            ++expected_reboots;
            co_return false;
        }
        co_await sees("event=long-press");
        if (press.held > 2s) {
            co_await sees("the button was stuck");
            co_return false;
        }
        static_cast<void>(must(co_await board().event("RESET", since, 10s)));
        co_await sees("mox login:");
        co_return true;
    }

    int expected_reboots = 0;

private:
    Play half(bool down, Clock::duration length) {
        if (down)
            must(co_await board().press());
        else
            must(co_await board().release());
        co_await wait(length);
    }
};

std::size_t count_of(std::string_view words, std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) ++count;
    return count;
}

TEST_F(RandomPatterns, FiftyAreJudgedAsTheModelSays) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        co_await configure("long_press_after = 1\\nstuck_after = 2\\nreboot_command = true\\n");
        Patterns patterns;
        int resets = 0;
        for (int pattern = 0; pattern < 50; ++pattern) {
            const auto presses = patterns.next();
            for (const auto& press : presses) {
                if (co_await is_judged_right(press)) ++resets;
                co_await wait(press.pause);
            }
        }
        EXPECT_GT(resets, 0);
        EXPECT_GT(expected_reboots, 40);
        EXPECT_EQ(count_of("event=reboot held", console().text()),
                  static_cast<std::size_t>(expected_reboots));
        EXPECT_EQ(count_of("event=reset reason", console().text()), static_cast<std::size_t>(resets));
    });
}

TEST_F(ButtonOfRunningRouter, AThousandPressesLeakNothingAndAnIdleButtonSleeps) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        co_await configure("reboot_command = true\\n");
        int repeated = 0;
        const auto press = [&]() -> Play { repeated += co_await press_until_seen(120ms, "event=done") - 1; };
        const std::string process = "/proc/$(pidof mox-button)";
        const auto memory = [&] { return number("awk '/RssAnon/ { print $2 }' " + process + "/status"); };
        const auto files = [&] { return number("ls " + process + "/fd | wc -l"); };
        for (int count = 0; count < 20; ++count) co_await press();
        const auto memory_before = co_await memory();
        const auto files_before = co_await files();
        for (int count = 20; count < 1000; ++count) co_await press();
        EXPECT_LE(repeated, 20) << "presses that the kernel did not notice";
        EXPECT_LE(co_await memory(), memory_before + 4);
        EXPECT_EQ(co_await files(), files_before);

        const auto resident = co_await number("awk '/VmRSS/ { print $2 }' " + process + "/status");
        EXPECT_GT(resident, 0);
        EXPECT_LT(resident, 1000);
        RecordProperty("memory_kB", static_cast<int>(resident));

        const auto wake_ups = [&] {
            return number("awk '/ctxt_switches/ { sum += $2 } END { print sum }' " + process + "/status");
        };
        const auto before = co_await wake_ups();
        co_await wait(20s);
        EXPECT_EQ(co_await wake_ups(), before);
    });
}

TEST_F(ButtonOfRunningRouter, TheWholeCircleFromABrokenSystemThroughResetAndRescueBackToWork) {
    assemble();
    put_in_card_with_demo_system();
    act([&]() -> Play {
        co_await runs();
        static_cast<void>(co_await says("rm -r /etc/inittab /etc/init.d /etc/services; sync"));
        EXPECT_LT(co_await press_resets(5s), down_within);
        // Held again, as a person does who wants the rescue system.
        must(co_await board().press());
        co_await sees("Button held");
        co_await wait(300ms);
        must(co_await board().release());
        LedWatch watch(board());
        const onlooker::Person person{.wanted_mode = 2, .missed_mode = 0};
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
