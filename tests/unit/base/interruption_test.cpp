#include "base/interruption.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "base/child_process.hpp"

namespace mox {
namespace {

using namespace std::chrono_literals;

TEST(Signals, EndTheProcessAtOnceAsLongAsNothingIsAtStake) {
    EXPECT_EQ(note_signal(SIGINT), SignalMeaning::end_at_once);
    EXPECT_FALSE(stop_requested());
}

TEST(Signals, AreRefusedInACommit) {
    const auto commit = Commit::begin();
    ASSERT_TRUE(commit);
    EXPECT_EQ(note_signal(SIGTERM), SignalMeaning::refused);
    EXPECT_FALSE(stop_requested());
}

TEST(Signals, AreRefusedUntilTheLastOfNestedCommitsEnds) {
    auto outer = Commit::begin();
    {
        const auto inner = Commit::begin();
        ASSERT_TRUE(outer && inner);
    }
    EXPECT_EQ(note_signal(SIGTERM), SignalMeaning::refused);
    outer = Commit::begin();  // the first one goes when it is replaced
    EXPECT_EQ(note_signal(SIGTERM), SignalMeaning::refused);
}

TEST(Signals, OfACommitInAnInterruptionAreRefusedForGood) {
    const Interruption interruption;
    {
        const auto commit = Commit::begin();
        EXPECT_EQ(note_signal(SIGINT), SignalMeaning::refused);
    }
    EXPECT_FALSE(stop_requested());
    EXPECT_TRUE(Commit::begin());
}

TEST(Pause, LastsAsLongAsAsked) {
    const auto begin = Clock::now();
    EXPECT_TRUE(pause_unless_stopped(120ms));
    EXPECT_GE(Clock::now() - begin, 120ms);
    EXPECT_TRUE(pause_unless_stopped(0ms));
}

TEST(Pause, EndsWithARequestToStop) {
    const auto ask = [] {
        const Interruption interruption;
        static_cast<void>(note_signal(SIGINT));
        const auto paused = pause_unless_stopped(1h);
        std::_Exit(!paused && paused.error().describe() == "stopped by SIGINT" ? 0 : 1);
    };
    EXPECT_EXIT(ask(), testing::ExitedWithCode(0), "");
}

// Each test is a process of its own: what is asked for cannot be taken back.
TEST(Signals, AreARequestInAnInterruption) {
    const auto ask = [] {
        const Interruption interruption;
        if (note_signal(SIGHUP) != SignalMeaning::request) std::_Exit(1);
        if (!stop_requested() || stopped_by() != SIGHUP) std::_Exit(2);
        const auto stopped = fail_if_stopped();
        if (stopped || stopped.error().describe() != "stopped by SIGHUP") std::_Exit(3);
        const auto commit = Commit::begin();
        if (commit || !commit.error().describe().contains("before anything was written")) std::_Exit(4);
        std::_Exit(0);
    };
    EXPECT_EXIT(ask(), testing::ExitedWithCode(0), "");
}

TEST(Signals, OfACommitMayCountAfterIt) {
    const auto ask = [] {
        const Interruption interruption(DuringCommit::deferred);
        {
            const auto commit = Commit::begin();
            if (note_signal(SIGINT) != SignalMeaning::deferred) std::_Exit(1);
            if (stop_requested()) std::_Exit(2);
        }
        std::_Exit(stop_requested() ? 0 : 3);
    };
    EXPECT_EXIT(ask(), testing::ExitedWithCode(0), "");
}

TEST(Signals, HaveTheNamesThatPeopleKnow) {
    EXPECT_EQ(signal_name(SIGINT), "SIGINT");
    EXPECT_EQ(signal_name(SIGQUIT), "SIGQUIT");
}

/// The process group of a child, from /proc/PID/stat (proc(5)): the fifth word.
pid_t group_of_child() {
    const auto said = run_child({"cat", "/proc/self/stat"}, 10s);
    std::istringstream words(said->output);
    std::string word;
    for (int i = 0; i < 5; ++i) words >> word;
    return static_cast<pid_t>(std::stol(word));
}

TEST(Children, AreOutOfATerminalsReachInACommitOnly) {
    EXPECT_EQ(group_of_child(), ::getpgrp());
    const auto commit = Commit::begin();
    EXPECT_NE(group_of_child(), ::getpgrp());
}

TEST(Children, HaveNoSignalBlockedAndSigpipeAsUsual) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    const auto old = std::signal(SIGPIPE, SIG_IGN);
    const auto blocked = run_child({"sed", "-n", "s/^SigBlk:\\t//p", "/proc/self/status"}, 10s);
    const auto ignored = run_child({"sed", "-n", "s/^SigIgn:\\t//p", "/proc/self/status"}, 10s);
    (void)std::signal(SIGPIPE, old);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ASSERT_TRUE(blocked && ignored);
    EXPECT_EQ(std::stoull(blocked->output, nullptr, 16), 0U);
    EXPECT_EQ(std::stoull(ignored->output, nullptr, 16) & (1ULL << (SIGPIPE - 1)), 0U);
}

}  // namespace
}  // namespace mox
