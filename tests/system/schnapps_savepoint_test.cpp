// `schnapps savepoint` and `commit`: the process that waits, and what it does when nobody commits.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class SchnappsSavepoint : public testing::Test {
protected:
    ~SchnappsSavepoint() override {
        if (waiter_ > 0) ::kill(waiter_, SIGKILL);
    }

    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    /// Starts a savepoint and remembers the process that it leaves behind.
    void start(const std::string& minutes) {
        const auto said = run({"--json", "savepoint", minutes});
        ASSERT_EQ(said.status, 0) << testing::PrintToString(said);
        const std::string key = "\"process\": ";
        const auto found = said.out.find(key);
        ASSERT_NE(found, std::string::npos) << said.out;
        waiter_ = std::stoi(said.out.substr(found + key.size()));
    }

    /// As a reboot does. A process that has ended has no descriptors any more.
    void end_the_waiting_process() {
        ASSERT_EQ(::kill(waiter_, SIGKILL), 0);
        const auto descriptor = fs::path("/proc") / std::to_string(waiter_) / "fd" / "0";
        while (fs::is_symlink(fs::symlink_status(descriptor))) std::this_thread::sleep_for(5ms);
        waiter_ = -1;
    }

    /// As if the savepoint had been started when the machine was: a minute ago, if it is up that long.
    void make_it_due() const {
        const auto name = card_ / "savepoint.info";
        auto text = read_file(name);
        text = text.substr(0, text.find("SINCE_BOOT=")) + "SINCE_BOOT=0\n";
        write_file(name, text);
    }

    SnapshotsCard card_;
    pid_t waiter_ = -1;
};

TEST_F(SchnappsSavepoint, LeavesAProcessThatHasNothingToDoWithTheTerminalItWasStartedFrom) {
    start("10");
    EXPECT_EQ(card_.numbers(), "1");
    EXPECT_EQ(::getsid(waiter_), waiter_);
    const auto process = fs::path("/proc") / std::to_string(waiter_);
    for (const std::string fd : {"0", "1", "2"})
        EXPECT_EQ(fs::read_symlink(process / "fd" / fd), "/dev/null");
}

TEST_F(SchnappsSavepoint, RollsBackByItselfWhenNobodyCommits) {
    start("1");
    card_.set_version("locked out");
    const auto deadline = std::chrono::steady_clock::now() + 100s;
    while (card_.version("@") != "now" && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(200ms);
    EXPECT_EQ(card_.version("@"), "now");
    EXPECT_TRUE(run({"list"}).out.contains("rollback")) << run({"list"}).out;
    EXPECT_EQ(run({"savepoint", "--resume"}).err, "schnapps: no savepoint is pending\n");
}

TEST_F(SchnappsSavepoint, CommitKeepsTheCurrentStateAndEndsTheSavepoint) {
    start("10");
    card_.set_version("better");
    const auto said = run({"commit"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "");
    EXPECT_EQ(card_.version("@"), "better");
    EXPECT_EQ(card_.names(), "@ @factory");
    EXPECT_EQ(run({"savepoint", "--resume"}).err, "schnapps: no savepoint is pending\n");
}

TEST_F(SchnappsSavepoint, ResumeRollsBackWhatIsDue) {
    start("1");
    card_.set_version("locked out");
    end_the_waiting_process();
    make_it_due();
    const auto said = run({"savepoint", "--resume", "--no-reboot"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("rolled back to snapshot 1")) << said.err;
    EXPECT_EQ(card_.version("@"), "now");
    EXPECT_EQ(card_.version("@2"), "locked out");
}

TEST_F(SchnappsSavepoint, ThePendingOneCannotBeDeleted) {
    start("10");
    const auto said = run({"delete", "1"});
    EXPECT_EQ(said.status, 4);
    EXPECT_TRUE(said.err.contains("`schnapps commit`")) << said.err;
    EXPECT_EQ(card_.numbers(), "1");
}

}  // namespace
}  // namespace mox::test_support
