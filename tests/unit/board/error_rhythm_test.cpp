#include "board/error_rhythm.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mox::board {
namespace {

using namespace std::chrono_literals;

TEST(ErrorRhythm, BlinksTheCodeAndIsDarkForLong) {
    const std::vector<LedStep> expected{{true, 200ms}, {false, 300ms}, {true, 200ms}, {false, 2300ms}};
    EXPECT_EQ(ErrorRhythm{}.round(2), expected);
}

TEST(ErrorRhythm, HasAsManyBlinksAsTheCodeSays) {
    for (int code = 1; code <= 5; ++code)
        EXPECT_EQ(std::ranges::count(ErrorRhythm{}.round(code), true, &LedStep::lit), code);
}

}  // namespace
}  // namespace mox::board
