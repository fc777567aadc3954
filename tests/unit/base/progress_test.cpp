#include <gtest/gtest.h>

#include <thread>

#include "base/progress.hpp"

namespace mox {
namespace {

using namespace unit_literals;
using namespace std::chrono_literals;

class Listening : public ::testing::Test {
protected:
    Progress progress{{{"checking", 1}, {"unpacking", 3}}};
    std::vector<ProgressState> seen;

    void SetUp() override {
        progress.add_listener([this](const ProgressState& state) { seen.push_back(state); });
    }
};

using ProgressSteps = Listening;

TEST_F(ProgressSteps, AreTimesTheirWeightOfTheWhole) {
    progress.next_step();
    progress.next_step();
    EXPECT_EQ(seen.back().step, "unpacking");
    EXPECT_EQ(seen.back().number, 2U);
    EXPECT_DOUBLE_EQ(seen.back().fraction, 0.25);
    progress.finish();
    EXPECT_DOUBLE_EQ(seen.back().fraction, 1);
}

TEST_F(ProgressSteps, TellTheirStartAndTheirEnd) {
    progress.next_step();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_FALSE(seen.back().step_finished);
    progress.next_step();
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_TRUE(seen.at(1).step_finished);
    EXPECT_EQ(seen.at(1).step, "checking");
}

TEST_F(ProgressSteps, NeverGoBack) {
    progress.next_step();
    progress.advance(80_MiB, 100_MiB);
    progress.advance(10_MiB, 100_MiB);
    progress.next_step();
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GE(seen[i].fraction, seen[i - 1].fraction);
}

TEST_F(ProgressSteps, TellRateAndRemainingTimeOnceTheyAreKnown) {
    progress.next_step();
    progress.advance(1_MiB, 100_MiB);
    EXPECT_FALSE(seen.back().rate.has_value());
    std::this_thread::sleep_for(400ms);  // time is the subject here
    progress.advance(50_MiB, 100_MiB);
    ASSERT_TRUE(seen.back().rate.has_value());
    ASSERT_TRUE(seen.back().remaining.has_value());
    const double rate = static_cast<double>(seen.back().rate->count);
    const double expected =
        static_cast<double>((50_MiB).count) / std::chrono::duration<double>(seen.back().step_elapsed).count();
    EXPECT_NEAR(rate, expected, expected / 100);
    EXPECT_NEAR(std::chrono::duration<double>(*seen.back().remaining).count(),
                std::chrono::duration<double>(seen.back().step_elapsed).count(), 0.01);
}

TEST_F(ProgressSteps, AreNotToldMoreOftenThanPeopleRead) {
    progress.next_step();
    for (std::uint64_t i = 0; i < 100000; ++i) progress.advance({i}, {100000});
    EXPECT_LT(seen.size(), 50U);
}

TEST_F(ProgressSteps, BeyondThePlanChangeNothing) {
    progress.next_step();
    progress.next_step();
    progress.next_step();
    const auto told = seen.size();
    progress.advance(1_MiB, 2_MiB);
    progress.finish();
    EXPECT_EQ(seen.size(), told);
    EXPECT_DOUBLE_EQ(seen.back().fraction, 1);
}

}  // namespace
}  // namespace mox
