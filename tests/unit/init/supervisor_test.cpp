#include "init/supervisor.hpp"

#include <gtest/gtest.h>

namespace mox::init {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point start{1000h};

TEST(Supervisor, FeedsNobodyWhoWasNeverStarted) {
    EXPECT_FALSE(Supervisor().is_healthy(start));
}

TEST(Supervisor, FeedsTenSecondsBeyondTheLastSignOfLife) {
    Supervisor supervisor;
    supervisor.started(start);
    EXPECT_TRUE(supervisor.is_healthy(start + 10s));
    EXPECT_FALSE(supervisor.is_healthy(start + 10001ms));
    supervisor.on_heartbeat(start + 5s);
    EXPECT_TRUE(supervisor.is_healthy(start + 15s));
    EXPECT_FALSE(supervisor.is_healthy(start + 15001ms));
}

TEST(Supervisor, FeedsAgainWhenTheProgramComesBack) {
    Supervisor supervisor;
    supervisor.started(start);
    EXPECT_FALSE(supervisor.is_healthy(start + 20s));
    supervisor.on_heartbeat(start + 21s);
    EXPECT_TRUE(supervisor.is_healthy(start + 22s));
}

TEST(Supervisor, GivesUpAtTheThirdDeathWithinAMinute) {
    Supervisor supervisor;
    EXPECT_EQ(supervisor.died(start), RestartDecision::start_again);
    EXPECT_EQ(supervisor.died(start + 30s), RestartDecision::start_again);
    EXPECT_EQ(supervisor.died(start + 60s), RestartDecision::give_up);
}

TEST(Supervisor, ForgivesDeathsThatAreLongAgo) {
    Supervisor supervisor;
    for (int death = 0; death < 100; ++death)
        EXPECT_EQ(supervisor.died(start + death * 31s), RestartDecision::start_again) << death;
    // Two at 0 s and 59 s of the last minute and the third a moment too late.
    Supervisor other;
    EXPECT_EQ(other.died(start), RestartDecision::start_again);
    EXPECT_EQ(other.died(start + 59s), RestartDecision::start_again);
    EXPECT_EQ(other.died(start + 60s + 1ms), RestartDecision::start_again);
    EXPECT_EQ(other.died(start + 61s), RestartDecision::give_up);
}

TEST(Supervisor, FeedsForeverWhoeverWasLeftToAPerson) {
    Supervisor supervisor;
    supervisor.started(start);
    supervisor.disable();
    EXPECT_TRUE(supervisor.is_healthy(start + 1000h));
}

}  // namespace
}  // namespace mox::init
