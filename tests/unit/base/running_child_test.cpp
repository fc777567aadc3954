#include "base/running_child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/units.hpp"
#include "support/terminal.hpp"

namespace mox {
namespace {

using namespace std::chrono_literals;

bool has_ended(const RunningChild& child, std::chrono::milliseconds within) {
    pollfd waiting{.fd = child.end_fd(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(within.count())) == 1;
}

bool exists(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

TEST(RunningChild, TellsItsEndAndExitStatus) {
    auto child = RunningChild::start({.argv = {"sh", "-c", "exit 7"}});
    ASSERT_TRUE(child) << child.error().describe();
    ASSERT_TRUE(has_ended(*child, 10s));
    EXPECT_EQ(child->reap(), 7);
    EXPECT_EQ(child->reap(), 7);
}

TEST(RunningChild, RunsOnUntilItIsStopped) {
    auto child = RunningChild::start({.argv = {"sleep", "60"}});
    ASSERT_TRUE(child) << child.error().describe();
    const auto pid = child->pid();
    EXPECT_FALSE(has_ended(*child, 50ms));
    EXPECT_TRUE(exists(pid));
    child->stop();
    EXPECT_FALSE(exists(pid));
    EXPECT_EQ(child->reap(), 128 + SIGTERM);
}

TEST(RunningChild, EndsWithItsScope) {
    pid_t pid = -1;
    {
        const auto child = RunningChild::start({.argv = {"sleep", "60"}});
        ASSERT_TRUE(child) << child.error().describe();
        pid = child->pid();
    }
    EXPECT_FALSE(exists(pid));
}

TEST(RunningChild, ThatDoesNotListenIsKilledWhenPatienceIsOver) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    auto child = RunningChild::start({.argv = {"sh", "-c", "trap '' TERM; echo ready; sleep 60 & wait; wait"},
                                      .output = writing.get(),
                                      .stop_timeout = 100ms});
    ASSERT_TRUE(child) << child.error().describe();
    std::array<char, 6> ready{};
    ASSERT_EQ(::read(reading.get(), ready.data(), ready.size()), 6);
    const auto start = Clock::now();
    child->stop();
    EXPECT_LT(Clock::now() - start, 10s);
    EXPECT_EQ(child->reap(), 128 + SIGKILL);
}

TEST(RunningChild, GetsOnlyTheEnvironmentThatItIsGiven) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    auto child =
        RunningChild::start({.argv = {"env"}, .environment = {"COLOUR=green"}, .output = writing.get()});
    ASSERT_TRUE(child) << child.error().describe();
    writing.reset();
    child->reap();
    std::array<char, 256> text{};
    const auto got = ::read(reading.get(), text.data(), text.size());
    EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(got)), "COLOUR=green\n");
}

TEST(RunningChild, ThatDoesNotExistIsAnErrorThatNamesIt) {
    const auto child = RunningChild::start({.argv = {"no-such-program-anywhere"}});
    ASSERT_FALSE(child);
    EXPECT_NE(child.error().describe().find("no-such-program-anywhere"), std::string::npos);
}

TEST(RunningChild, WithoutItsTerminalIsAnErrorThatNamesIt) {
    const auto child = RunningChild::start({.argv = {"true"}, .terminal = "/dev/no-such-terminal"});
    ASSERT_FALSE(child);
    EXPECT_NE(child.error().describe().find("/dev/no-such-terminal"), std::string::npos);
}

TEST(RunningChild, OnATerminalHasJobControl) {
    const test_support::Terminal terminal;
    auto child = RunningChild::start({.argv = {"sh", "-i"},
                                      .environment = {"PATH=/usr/bin:/bin", "PS1=> "},
                                      .terminal = terminal.name(),
                                      .stop_signal = SIGHUP});
    ASSERT_TRUE(child) << child.error().describe();
    // The interrupt key reaches the program in the foreground and not the shell.
    // What says so is in the foreground by then.
    terminal.type("sh -c 'echo begin-$((1 + 1)); exec sleep 60'\n");
    EXPECT_TRUE(terminal.screen_until("begin-2").contains("begin-2"));
    terminal.type("\x03");
    terminal.type("echo after-$((1 + 1)); exit 3\n");
    const auto screen = terminal.screen_until("after-2");
    EXPECT_TRUE(screen.contains("after-2")) << screen;
    EXPECT_FALSE(screen.contains("job control")) << screen;
    ASSERT_TRUE(has_ended(*child, 10s));
    EXPECT_EQ(child->reap(), 3);
}

TEST(RunningChild, OnATerminalIsHungUpAtTheEndOfTheScope) {
    const test_support::Terminal terminal;
    pid_t pid = -1;
    {
        const auto child =
            RunningChild::start({.argv = {"sh", "-i"}, .terminal = terminal.name(), .stop_signal = SIGHUP});
        ASSERT_TRUE(child) << child.error().describe();
        pid = child->pid();
        terminal.type("echo be-$((1 + 1)); sleep 60\n");
        ASSERT_TRUE(terminal.screen_until("be-2").contains("be-2"));
    }
    EXPECT_FALSE(exists(pid));
}

}  // namespace
}  // namespace mox
