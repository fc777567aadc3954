// The LED from the start of a mode to the end of its slow blinking, as a pure table.
#include "rescue/running_light.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace mox::rescue {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const Clock::time_point start{1h};
const std::vector<board::LedStep> lead{{.lit = true, .length = 500ms}, {.lit = false, .length = 750ms}};

TEST(RunningLight, ShowsTheLeadAndThenBlinks) {
    RunningLight light(lead);
    EXPECT_EQ(light.advance(start), LightAction(ShowLed{true}));
    EXPECT_EQ(light.advance(start), std::nullopt);
    EXPECT_EQ(light.next_due(), start + 500ms);
    EXPECT_EQ(light.advance(start + 500ms), LightAction(ShowLed{false}));
    EXPECT_EQ(light.next_due(), start + 1250ms);
    EXPECT_EQ(light.advance(start + 1250ms), LightAction(BlinkSlowly{}));
    EXPECT_EQ(light.next_due(), Clock::time_point::max());
    EXPECT_EQ(light.advance(start + 1h), std::nullopt);
}

/// When the blinking of a mode that ended so long after its beginning may be replaced. Lit for `on` first,
/// then dark for `off`, as the kernel does it.
std::optional<milliseconds> ends(milliseconds ended, milliseconds on = 500ms, milliseconds off = 500ms) {
    RunningLight light({});
    EXPECT_EQ(light.advance(start), LightAction(BlinkSlowly{}));
    for (auto at = ended; at < ended + 10s; at += board::BlinkEnd::interval)
        if (light.may_end(at % (on + off) < on, start + at)) return at;
    return std::nullopt;
}

TEST(RunningLight, EndsWithAWholeBlinkAndNotBeforeTheSecond) {
    const struct {
        milliseconds ended;
        milliseconds expected;
    } cases[] = {
        {0ms, 1500ms},        {490ms, 1500ms},      {510ms, 1500ms},      {1200ms, 1500ms},
        {1490ms, 1500ms},     {1500ms, 2500ms},     {1510ms, 2500ms},     {2300ms, 2500ms},
        {60'000ms, 60'500ms}, {60'499ms, 60'509ms}, {60'500ms, 61'500ms},
    };
    for (const auto& [ended, expected] : cases) EXPECT_EQ(ends(ended), expected) << ended.count() << " ms";
}

TEST(RunningLight, DoesNotWaitForALedThatNoLongerBlinks) {
    RunningLight light({});
    EXPECT_EQ(light.advance(start), LightAction(BlinkSlowly{}));
    EXPECT_FALSE(light.may_end(true, start + 10s));
    EXPECT_FALSE(light.may_end(true, start + 11990ms));
    EXPECT_TRUE(light.may_end(true, start + 12s));
}

TEST(RunningLight, DoesNotEndDuringItsLead) {
    RunningLight light(lead);
    EXPECT_FALSE(light.may_end(true, start));
    EXPECT_EQ(light.advance(start), LightAction(ShowLed{true}));
    EXPECT_FALSE(light.may_end(true, start + 490ms));
    EXPECT_EQ(light.advance(start + 500ms), LightAction(ShowLed{false}));
    EXPECT_FALSE(light.may_end(false, start + 510ms));
}

}  // namespace
}  // namespace mox::rescue
