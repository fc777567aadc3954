#include "console/console_progress.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "base/unique_fd.hpp"

namespace mox::console {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;

/// A console whose output can be read back.
class Screen {
public:
    explicit Screen(Console::Kind kind) : pipe_(make_pipe()), console(pipe_[1].get(), kind) {}

    /// Everything that was written since the last call.
    std::string text() {
        static_cast<void>(::write(pipe_[1].get(), "\0", 1));
        std::string all;
        for (char c = 0; ::read(pipe_[0].get(), &c, 1) == 1 && c != '\0';) all += c;
        return all;
    }

private:
    static std::array<UniqueFd, 2> make_pipe() {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) ADD_FAILURE() << "pipe";
        return {UniqueFd(ends[0]), UniqueFd(ends[1])};
    }
    std::array<UniqueFd, 2> pipe_;

public:
    Console console;
};

ProgressState verifying(Bytes done) {
    return {.step = "verify the medkit",
            .number = 2,
            .count = 5,
            .step_fraction = static_cast<double>(done.count) / 200e6,
            .done = done,
            .total = {200'000'000},
            .rate = Bytes{85'000'000},
            .remaining = 1600ms,
            .step_elapsed = 1s};
}

TEST(ConsoleProgress, ARunningStepShowsBarAmountRateAndRemainingTime) {
    EXPECT_EQ(
        running_line(verifying({70'000'000})),
        "[2/5] verify the medkit  [#######.............]  35%  70.0 MB of 200.0 MB  85.0 MB/s  1.6 s left");
}

TEST(ConsoleProgress, AStepWithoutBytesShowsItsNameOnly) {
    EXPECT_EQ(running_line({.step = "look for medkits", .number = 1, .count = 5}),
              "[1/5] look for medkits ...");
}

TEST(ConsoleProgress, RateAndRemainingTimeAreLeftOutUntilTheyAreKnown) {
    auto state = verifying({2'000'000});
    state.rate.reset();
    state.remaining.reset();
    EXPECT_EQ(running_line(state),
              "[2/5] verify the medkit  [....................]   1%  2.0 MB of 200.0 MB");
}

TEST(ConsoleProgress, AFinishedStepShowsAmountDurationAndMeanRate) {
    auto state = verifying({200'000'000});
    state.step_elapsed = 2500ms;
    EXPECT_EQ(finished_line(state), "[2/5] verify the medkit: done, 200.0 MB in 2.5 s (80.0 MB/s)");
    EXPECT_EQ(finished_line({.step = "look for medkits", .number = 1, .count = 5, .step_elapsed = 400ms}),
              "[1/5] look for medkits: done, 0.4 s");
}

TEST(ConsoleProgress, OnATerminalTheBarIsRedrawnInOneLineAndReplacedByTheResult) {
    Screen screen(Console::Kind::terminal);
    ConsoleProgress shown(screen.console);
    const auto tell = shown.listener();
    tell(verifying({70'000'000}));
    tell(verifying({140'000'000}));
    EXPECT_EQ(screen.text().find('\n'), std::string::npos);

    auto done = verifying({200'000'000});
    done.step_finished = true;
    tell(done);
    EXPECT_EQ(screen.text(), "\r\x1b[2K[2/5] verify the medkit: done, 200.0 MB in 1.0 s (200.0 MB/s)\n");
}

TEST(ConsoleProgress, ElsewhereAStepIsALineAtItsStartEveryFiveSecondsAndAtItsEnd) {
    Screen screen(Console::Kind::plain);
    ConsoleProgress shown(screen.console);
    const auto tell = shown.listener();
    int lines = 0;
    for (auto elapsed = 0ms; elapsed <= 11s; elapsed += 100ms) {
        auto state = verifying({70'000'000});
        state.step_elapsed = elapsed;
        tell(state);
    }
    auto done = verifying({200'000'000});
    done.step_finished = true;
    tell(done);
    for (const char c : screen.text()) {
        EXPECT_NE(c, '\x1b') << "no escape sequence in a file or a pipe";
        if (c == '\n') ++lines;
    }
    EXPECT_EQ(lines, 4);
}

TEST(ConsoleProgress, APrintedLineScrollsAboveThePinnedOne) {
    Screen screen(Console::Kind::terminal);
    screen.console.pin("the bar");
    screen.text();
    screen.console.print("a log line");
    const auto text = screen.text();
    EXPECT_TRUE(text.starts_with("\r\x1b[2Ka log line\n")) << text;
    EXPECT_NE(text.find("the bar"), std::string::npos) << text;
    EXPECT_EQ(text.find('\n', text.find("the bar")), std::string::npos) << text;
}

}  // namespace
}  // namespace mox::console
