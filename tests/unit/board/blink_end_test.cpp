#include "board/blink_end.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <vector>

namespace mox::board {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const Clock::time_point start{1h};

struct Look {
    milliseconds at{};
    bool lit = false;
};

/// When the LED can be taken over.
std::optional<milliseconds> taken_over(const std::vector<Look>& looks, milliseconds earliest = 0ms) {
    BlinkEnd end(start + earliest, start + 10s);
    for (const auto& look : looks)
        if (end.reached(look.lit, start + look.at)) return look.at;
    return std::nullopt;
}

TEST(BlinkEnd, ComesDirectlyAfterTheLedWentDark) {
    EXPECT_EQ(taken_over({{0ms, true}, {10ms, true}, {20ms, false}, {30ms, false}}), 20ms);
}

TEST(BlinkEnd, WaitsForAWholeBlinkWhenItIsDarkAlready) {
    EXPECT_EQ(taken_over({{0ms, false}, {10ms, false}, {20ms, true}, {30ms, true}, {40ms, false}}), 40ms);
}

TEST(BlinkEnd, DoesNotComeBeforeItsTime) {
    EXPECT_EQ(taken_over({{0ms, true}, {10ms, false}, {20ms, true}, {30ms, false}}, 15ms), 30ms);
}

// How long it has been dark is not known: it may go on at any moment.
TEST(BlinkEnd, DoesNotTrustAChangeThatWasNoticedLate) {
    EXPECT_EQ(taken_over({{0ms, true}, {450ms, false}, {460ms, false}, {500ms, true}, {510ms, false}}),
              510ms);
}

TEST(BlinkEnd, ComesInTheEndForALedThatDoesNotBlink) {
    EXPECT_EQ(taken_over({{0ms, true}, {9990ms, true}, {10s, true}}), 10s);
    EXPECT_EQ(taken_over({{0ms, false}, {9990ms, false}, {10s, false}}), 10s);
}

}  // namespace
}  // namespace mox::board
