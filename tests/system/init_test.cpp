// The first process of the rescue system, as the first process of a PID namespace, with made-up rescue
// programs and a file as the watchdog: every meal is a byte.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/running_child.hpp"
#include "base/units.hpp"
#include "support/temporary_directory.hpp"

namespace mox {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto time_enough = 30s;

class InitTest : public testing::Test {
protected:
    InitTest() {
        std::ofstream(watchdog_).flush();
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
        output_.reset(ends[0]);
        said_.reset(ends[1]);
        terminal_.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
        ::grantpt(terminal_.get());
        ::unlockpt(terminal_.get());
    }

    /// A rescue program: its descriptor for signs of life is $2 behind --heartbeat.
    fs::path program(const std::string& script) {
        const auto path = folder_.path() / "rescue";
        std::ofstream(path) << "#!/bin/bash\ncd " << folder_.path().native() << "\n" << script;
        fs::permissions(path, fs::perms::owner_all);
        return path;
    }

    void start(const fs::path& rescue_program) {
        auto child = RunningChild::start(
            {.argv = {"unshare", "--pid", "--fork", "--mount-proc", "--kill-child", MOX_PROGRAM, "init",
                      "--no-mounts", "--program", rescue_program, "--console", "/dev/null", "--terminal",
                      ::ptsname(terminal_.get()), "--watchdog", watchdog_, "words", "of=the", "-kernel"},
             .output = said_.get(),
             .errors = said_.get()});
        ASSERT_TRUE(child.has_value()) << child.error().describe();
        init_.emplace(std::move(*child));
    }

    /// Reads what init says until `words` come. They are looked for behind those of the last call.
    testing::AssertionResult says(const std::string& words, std::chrono::seconds patience = time_enough) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            if (const auto at = text_.find(words, heard_); at != std::string::npos) {
                heard_ = at + words.size();
                return testing::AssertionSuccess();
            }
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            pollfd more{.fd = output_.get(), .events = POLLIN, .revents = 0};
            if (left <= 0ms || ::poll(&more, 1, static_cast<int>(left.count())) <= 0)
                return testing::AssertionFailure() << "init did not say \"" << words << "\" but:\n" << text_;
            std::array<char, 4096> part{};
            const auto got = ::read(output_.get(), part.data(), part.size());
            text_.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        }
    }

    void type_into_shell(const std::string& line) {
        ASSERT_EQ(::write(terminal_.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
    }

    /// In a PID namespace a reboot ends the first process with SIGHUP (reboot(2)), which unshare hands on.
    bool reboots() {
        pollfd end{.fd = init_->end_fd(), .events = POLLIN, .revents = 0};
        return ::poll(&end, 1, 30'000) == 1 && init_->reap() == 128 + SIGHUP;
    }

    std::uintmax_t meals() const { return fs::file_size(watchdog_); }

    /// Process id, outside of the namespace, of init itself.
    pid_t init_pid() const {
        const auto unshare = std::to_string(init_->pid());
        pid_t child = -1;
        std::ifstream("/proc/" + unshare + "/task/" + unshare + "/children") >> child;
        return child;
    }

    test_support::TemporaryDirectory folder_;
    fs::path watchdog_ = folder_.path() / "watchdog0";
    UniqueFd output_;
    UniqueFd said_;
    UniqueFd terminal_;
    std::optional<RunningChild> init_;
    std::string text_;
    std::size_t heard_ = 0;
};

constexpr auto beating = "while :; do echo -n . >&$2; sleep 0.5; done\n";

TEST_F(InitTest, StartsAKilledProgramAgain) {
    start(program("[ -e second ] || { touch second; kill -KILL $$; }\ntouch well\n" + std::string(beating)));
    EXPECT_TRUE(says("the rescue program was killed by signal 9"));
    EXPECT_TRUE(says("starting it again"));
    std::this_thread::sleep_for(4s);  // the supervision feeds every three seconds
    EXPECT_TRUE(fs::exists(folder_.path() / "well"));
    EXPECT_GE(meals(), 2U);
}

TEST_F(InitTest, OpensAShellWhenTheProgramDiesForTheThirdTime) {
    start(program("echo x >> starts\nexit 7\n"));
    EXPECT_TRUE(says("ended with exit status 7"));
    EXPECT_TRUE(says("it died too often. The LED shows error 5"));
    EXPECT_TRUE(says("a shell is open here"));
    EXPECT_EQ(fs::file_size(folder_.path() / "starts"), 3 * 2U);
    std::this_thread::sleep_for(4s);
    EXPECT_GE(meals(), 2U) << "nobody resets the board under the hands of whoever repairs it";

    type_into_shell("echo $$ > " + (folder_.path() / "shell").native() + "; exit\n");
    EXPECT_TRUE(reboots());
    EXPECT_TRUE(fs::exists(folder_.path() / "shell"));
}

TEST_F(InitTest, AProgramThatIsNotThereIsTheSame) {
    start("/no/such/program");
    EXPECT_TRUE(says("cannot run /no/such/program"));
    EXPECT_TRUE(says("it died too often"));
}

TEST_F(InitTest, DoesNotFeedTheWatchdogForAProgramThatHangs) {
    start(program("echo -n . >&$2\nsleep 1000\n"));
    EXPECT_TRUE(says("sends no heartbeat any more; the watchdog will reset the board"));
    const auto then = meals();
    EXPECT_GE(then, 3U);
    std::this_thread::sleep_for(7s);
    EXPECT_EQ(meals(), then);
}

TEST_F(InitTest, FeedsAgainWhenAHungProgramComesBack) {
    start(program("sleep 15\n" + std::string(beating)));
    EXPECT_TRUE(says("sends no heartbeat"));
    const auto then = meals();
    std::this_thread::sleep_for(9s);
    EXPECT_GT(meals(), then);
}

TEST_F(InitTest, ReapsOrphans) {
    start(
        program("for i in 1 2 3 4 5 6 7 8 9; do (sleep 0.1 & sleep 0.2 &); done\n"
                "echo -n . >&$2\nsleep 1\n"
                "grep -l '^State:.Z' /proc/[0-9]*/status > zombies\n"
                "grep -h '^PPid:' /proc/[0-9]*/status > parents\n"
                "exit 1\n"));
    EXPECT_TRUE(says("ended with exit status 1"));
    EXPECT_GT(fs::file_size(folder_.path() / "parents"), 0U);
    EXPECT_EQ(fs::file_size(folder_.path() / "zombies"), 0U);
}

TEST_F(InitTest, OpensAShellWhenTheSystemIsToStayUp) {
    start(program("exit 0\n"));
    EXPECT_TRUE(says("the system stays up"));
    EXPECT_TRUE(says("a shell is open here"));
    type_into_shell("exit\n");
    EXPECT_TRUE(reboots());
}

TEST_F(InitTest, RebootsWhenAsked) {
    start(program(beating));
    EXPECT_TRUE(says("mox-rescue"));
    while (meals() == 0) std::this_thread::yield();  // its event loop runs
    ASSERT_EQ(::kill(init_pid(), SIGTERM), 0);
    EXPECT_TRUE(reboots());
}

/// As mox-rescue ends: it sends no heartbeat any more, asks, and waits for its end.
TEST_F(InitTest, RebootsAtOnceWhenItsProgramIsDoneAndAsks) {
    start(program("eval \"exec $2>&-\"\nsleep 1\ntouch asks\nkill -TERM 1\nexec sleep 60\n"));
    while (!fs::exists(folder_.path() / "asks")) std::this_thread::yield();
    const auto then = Clock::now();
    EXPECT_TRUE(reboots());
    EXPECT_LT(Clock::now() - then, 5s);
}

TEST_F(InitTest, AsksEverybodyToEndBeforeItReboots) {
    start(program("(trap 'touch farewell; exit' TERM; touch listening; while :; do sleep 0.1; done) &\n" +
                  std::string(beating)));
    while (meals() == 0 || !fs::exists(folder_.path() / "listening")) std::this_thread::yield();
    ASSERT_EQ(::kill(init_pid(), SIGTERM), 0);
    EXPECT_TRUE(reboots());
    EXPECT_TRUE(fs::exists(folder_.path() / "farewell"));
}

TEST_F(InitTest, DoesNotWaitForWhoDoesNotListen) {
    start(program("(trap '' TERM HUP; touch deaf; while :; do sleep 0.1; done) &\n" + std::string(beating)));
    while (meals() == 0 || !fs::exists(folder_.path() / "deaf")) std::this_thread::yield();
    const auto then = Clock::now();
    ASSERT_EQ(::kill(init_pid(), SIGTERM), 0);
    EXPECT_TRUE(reboots());
    EXPECT_GE(Clock::now() - then, 3s);
    EXPECT_LT(Clock::now() - then, 10s);
}

TEST_F(InitTest, IsForTheFirstProcessOnly) {
    auto child = RunningChild::start({.argv = {MOX_PROGRAM, "init"}, .errors = said_.get()});
    ASSERT_TRUE(child.has_value());
    EXPECT_TRUE(says("only for process 1"));
    EXPECT_EQ(child->reap(), 64);
}

/// The real one: nine seconds of announcing mode 1, and then its reboot.
TEST_F(InitTest, FeedsTheWatchdogWhileTheRescueProgramAnnounces) {
    start(MOX_RESCUE_PROGRAM);
    EXPECT_TRUE(reboots());
    EXPECT_GE(meals(), 3U);
}

}  // namespace
}  // namespace mox
