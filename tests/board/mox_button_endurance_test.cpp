// Many presses of the running demo system's button on the virtual MOX: random patterns with a contact that
// bounces, against a model, and a thousand presses in a row.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "board/running_router.hpp"

namespace mox::board_test {
namespace {

/// Presses of one pattern, with a contact that bounces at both ends for less than the kernel's 60 ms.
struct RandomPress {
    std::vector<Clock::duration> bounces;  ///< down, up, down, ... before the contact is closed
    Clock::duration held{};
    std::vector<Clock::duration> end_bounces;  ///< up, down, up, ... before it is open
    Clock::duration pause{};
};

/// Thresholds of 1 and 2 s, so that 50 patterns take a minute.
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

class RandomPatterns : public RunningRouter {
protected:
    Play play(const RandomPress& press) {
        std::vector<Clock::duration> lengths = press.bounces;
        lengths.push_back(press.held);
        lengths.insert(lengths.end(), press.end_bounces.begin(), press.end_bounces.end());
        must(co_await board().move_button(std::move(lengths)));
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
        static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
        co_await sees("mox login:");
        co_return true;
    }

    int expected_reboots = 0;
};

std::size_t count_of(std::string_view words, std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) ++count;
    return count;
}

TEST_F(RandomPatterns, FiftyAreJudgedAsTheModelSays) {
    assemble_router();
    act([&]() -> Play {
        co_await runs();
        co_await configure("long_press_after = 1\\nstuck_after = 2\\nreboot_command = true\\n");
        Patterns patterns;
        int resets = 0;
        for (int pattern = 0; pattern < 50; ++pattern) {
            const auto presses = patterns.next();
            for (const auto& press : presses) {
                if (co_await is_judged_right(press)) ++resets;
                co_await board().passes(press.pause);
            }
        }
        EXPECT_GT(resets, 0);
        EXPECT_GT(expected_reboots, 40);
        EXPECT_EQ(count_of("event=reboot held", console().text()),
                  static_cast<std::size_t>(expected_reboots));
        // The first one came with the power. The line that tells of one may be lost in the serial line's
        // buffer.
        EXPECT_EQ(board().resets().end() - board().resets().begin(), static_cast<std::uint64_t>(resets) + 1);
    });
}

class ManyPresses : public RunningRouter {};

TEST_F(ManyPresses, AThousandPressesLeakNothingAndAnIdleButtonSleeps) {
    assemble_router();
    act([&]() -> Play {
        co_await runs();
        co_await configure("reboot_command = true\\n");
        const auto press = [&]() -> Play {
            must(co_await board().press_for(120ms));
            co_await sees("event=reboot");
            co_await sees("event=done");
        };
        const std::string process = "/proc/$(pidof mox-button)";
        const auto memory = [&] { return number("awk '/RssAnon/ { print $2 }' " + process + "/status"); };
        const auto files = [&] { return number("ls " + process + "/fd | wc -l"); };
        for (int count = 0; count < 20; ++count) co_await press();
        const auto memory_before = co_await memory();
        const auto files_before = co_await files();
        for (int count = 20; count < 1000; ++count) co_await press();
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
        co_await board().passes(20s);
        EXPECT_EQ(co_await wake_ups(), before);
    });
}

}  // namespace
}  // namespace mox::board_test
