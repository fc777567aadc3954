#include "supervision/supervisor.hpp"

#include <gtest/gtest.h>

namespace mox::supervision {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point start{1000h};

TEST(Supervisor, FeedsNobodyWhoWasNeverStarted) {
    EXPECT_FALSE(Supervisor().is_well(start));
}

TEST(Supervisor, FeedsTenSecondsBeyondTheLastSignOfLife) {
    Supervisor supervisor;
    supervisor.started(start);
    EXPECT_TRUE(supervisor.is_well(start + 10s));
    EXPECT_FALSE(supervisor.is_well(start + 10001ms));
    supervisor.gave_sign_of_life(start + 5s);
    EXPECT_TRUE(supervisor.is_well(start + 15s));
    EXPECT_FALSE(supervisor.is_well(start + 15001ms));
}

TEST(Supervisor, FeedsAgainWhenTheProgramComesBack) {
    Supervisor supervisor;
    supervisor.started(start);
    EXPECT_FALSE(supervisor.is_well(start + 20s));
    supervisor.gave_sign_of_life(start + 21s);
    EXPECT_TRUE(supervisor.is_well(start + 22s));
}

TEST(Supervisor, GivesUpAtTheThirdDeathWithinAMinute) {
    Supervisor supervisor;
    EXPECT_EQ(supervisor.died(start), Verdict::start_again);
    EXPECT_EQ(supervisor.died(start + 30s), Verdict::start_again);
    EXPECT_EQ(supervisor.died(start + 60s), Verdict::give_up);
}

TEST(Supervisor, ForgivesDeathsThatAreLongAgo) {
    Supervisor supervisor;
    for (int death = 0; death < 100; ++death)
        EXPECT_EQ(supervisor.died(start + death * 31s), Verdict::start_again) << death;
    // Two at 0 s and 59 s of the last minute and the third a moment too late.
    Supervisor other;
    EXPECT_EQ(other.died(start), Verdict::start_again);
    EXPECT_EQ(other.died(start + 59s), Verdict::start_again);
    EXPECT_EQ(other.died(start + 60s + 1ms), Verdict::start_again);
    EXPECT_EQ(other.died(start + 61s), Verdict::give_up);
}

TEST(Supervisor, FeedsForeverWhoeverWasLeftToAPerson) {
    Supervisor supervisor;
    supervisor.started(start);
    supervisor.leave_to_person();
    EXPECT_TRUE(supervisor.is_well(start + 1000h));
}

}  // namespace
}  // namespace mox::supervision
