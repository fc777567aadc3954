// `schnapps savepoint` and `commit`: the process that waits, and what it does when nobody commits.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"
#include "storage/btrfs_space.hpp"
#include "support/full_card.hpp"

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

    /// As a reboot does.
    void end_the_waiting_process() {
        ASSERT_EQ(::kill(waiter_, SIGKILL), 0);
        wait_for_the_process();
    }

    /// After a commit it ends by itself, sooner or later.
    void end_the_process_unless_it_has_ended() {
        const bool runs = ::kill(waiter_, SIGKILL) == 0;
        ASSERT_TRUE(runs || errno == ESRCH);
        wait_for_the_process();
    }

    /// A process that has ended has no descriptors any more.
    void wait_for_the_process() {
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
    // Between the exchange and the new number there is a moment.
    while (!run({"list"}).out.contains("rollback") && std::chrono::steady_clock::now() < deadline)
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

/// `savepoint --resume --no-reboot` as a process that goes on while the test does.
class Resuming {
public:
    Resuming(const fs::path& node, fs::path messages) : messages_(std::move(messages)), pid_(::fork()) {
        if (pid_ != 0) return;
        const int file = ::open(messages_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0 || ::dup2(file, STDERR_FILENO) < 0) ::_exit(126);
        ::execl(SCHNAPPS_PROGRAM, "schnapps", "-d", node.c_str(), "savepoint", "--resume", "--no-reboot",
                nullptr);
        ::_exit(127);
    }
    Resuming(const Resuming&) = delete;
    Resuming& operator=(const Resuming&) = delete;
    ~Resuming() {
        if (pid_ > 0) ::kill(pid_, SIGKILL);
        (void)wait();
    }

    [[nodiscard]] std::string messages() const { return fs::exists(messages_) ? read_file(messages_) : ""; }
    [[nodiscard]] bool said_within(std::chrono::seconds time, const std::string& words) const {
        const auto deadline = std::chrono::steady_clock::now() + time;
        while (!messages().contains(words)) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(50ms);
        }
        return true;
    }
    /// Its exit status.
    [[nodiscard]] int wait() {
        int status = -1;
        if (pid_ > 0) ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    fs::path messages_;
    pid_t pid_;
};

TEST_F(SchnappsSavepoint, RollsBackOnACardThatWasFilledMeanwhile) {
    start("10");
    end_the_waiting_process();
    make_it_due();
    card_.set_version("locked out");
    fs::create_directories(card_ / "@/srv");
    fill_with_data(card_ / "@/srv");
    fill_with_metadata(card_ / "@/srv");
    const auto said = run({"savepoint", "--resume", "--no-reboot"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("using the reserve of the savepoint")) << said.err;
    EXPECT_EQ(card_.version("@"), "now");
    EXPECT_TRUE(run({"list"}).out.contains("rollback"));
}

TEST_F(SchnappsSavepoint, TriesAgainUntilThereIsRoom) {
    start("10");
    end_the_waiting_process();
    make_it_due();
    card_.set_version("locked out");
    must(storage::delete_subvolume(card_.top().directory(), "@savepoint.reserve"));
    // Else what fills the card leaves the reserve's room, which comes back later.
    must(storage::wait_for_freed_space(card_.top().directory()));
    fs::create_directories(card_ / "@/srv");
    fill_with_data(card_ / "@/srv");
    fill_with_metadata(card_ / "@/srv");
    Resuming resuming(card_.node(), card_.outside("messages"));
    EXPECT_TRUE(resuming.said_within(100s, "trying again")) << resuming.messages();
    EXPECT_EQ(card_.version("@"), "locked out");
    fs::remove(card_ / "@/srv/fill");
    fs::remove_all(card_ / "@/srv/many");
    EXPECT_EQ(resuming.wait(), 0) << resuming.messages();
    EXPECT_EQ(card_.version("@"), "now");
}

// Each has a reserve, whose room comes back later.
TEST_F(SchnappsSavepoint, ManyWithinSecondsDoNotFillTheCard) {
    const auto used = [&] { return must(storage::btrfs_space(card_.top().directory())).used; };
    Bytes most;
    for (int i = 0; i < 12; ++i) {
        start("10");
        EXPECT_EQ(run({"commit"}).status, 0);
        end_the_process_unless_it_has_ended();
        most = std::max(most, used());
    }
    EXPECT_EQ(card_.names(), "@ @factory");
    must(storage::wait_for_freed_space(card_.top().directory()));
    std::cout << "at most " << to_text(most) << " in use, " << to_text(used()) << " in the end\n";
    EXPECT_LT(most - used(), Bytes{96ULL << 20});
}

TEST_F(SchnappsSavepoint, IsRefusedWhereItsRollbackHasNoRoom) {
    fs::create_directories(card_ / "@/srv");
    fill_with_data(card_ / "@/srv");
    fill_with_metadata(card_ / "@/srv");
    const auto said = run({"savepoint"});
    EXPECT_EQ(said.status, 3) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("no savepoint was made")) << said.err;
    EXPECT_EQ(card_.names(), "@ @factory");
}

}  // namespace
}  // namespace mox::test_support
