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

using Steps = std::vector<LedStep>;

// Steps of code 2: blink, dark, blink, long dark.
TEST(ErrorRhythm, IsEndedForARebootByLightInsideAGroupAndByItsWholeDarknessAfterOne) {
    const ErrorRhythm rhythm;
    const struct {
        ErrorRhythmPosition pressed;
        Steps expected;
    } cases[] = {
        {{.step = std::nullopt, .shown = 500ms}, {}},   {{.step = 0, .shown = 50ms}, {{true, 1s}}},
        {{.step = 1, .shown = 299ms}, {{true, 1s}}},    {{.step = 2, .shown = 0ms}, {{true, 1s}}},
        {{.step = 3, .shown = 0ms}, {{false, 2s}}},     {{.step = 3, .shown = 1500ms}, {{false, 500ms}}},
        {{.step = 3, .shown = 2200ms}, {{false, 0ms}}},
    };
    for (const auto& [pressed, expected] : cases) EXPECT_EQ(rhythm.before_reboot(2, pressed), expected);
}

TEST(ErrorRhythm, CompletesTheGroupAndTheDarknessBeforeAnotherPattern) {
    const ErrorRhythm rhythm;
    const struct {
        ErrorRhythmPosition interrupted;
        Steps expected;
    } cases[] = {
        {{.step = std::nullopt, .shown = 500ms}, {{false, 1500ms}}},
        {{.step = 0, .shown = 50ms}, {{true, 150ms}, {false, 300ms}, {true, 200ms}, {false, 2s}}},
        {{.step = 1, .shown = 100ms}, {{false, 200ms}, {true, 200ms}, {false, 2s}}},
        {{.step = 2, .shown = 200ms}, {{true, 0ms}, {false, 2s}}},
        {{.step = 3, .shown = 1s}, {{false, 1s}}},
        {{.step = 3, .shown = 2200ms}, {{false, 0ms}}},
    };
    for (const auto& [interrupted, expected] : cases)
        EXPECT_EQ(rhythm.rest_of_group(2, interrupted), expected);
}

}  // namespace
}  // namespace mox::board
