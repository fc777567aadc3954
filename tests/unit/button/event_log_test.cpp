#include "button/event_log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::button {
namespace {

using namespace std::chrono_literals;

/// A pipe of which nobody reads until he is asked.
struct EventLogTest : testing::Test {
    EventLogTest() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
        reading.reset(ends[0]);
        writing.reset(ends[1]);
    }

    [[nodiscard]] std::string written() const {
        std::array<char, 4096> text{};
        const auto length = ::read(reading.get(), text.data(), text.size());
        return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
    }

    UniqueFd reading;
    UniqueFd writing;
};

TEST(EventLine, IsWordsAndQuotedValues) {
    EXPECT_EQ(event_line("stop", {}), "event=stop");
    EXPECT_EQ(event_line("reset", {{"held", "4.100"}, {"reason", "long press"}}),
              "event=reset held=4.100 reason=\"long press\"");
    EXPECT_EQ(event_line("x", {{"a", ""}, {"b", "say \"no\" \\"}, {"c", "1=2"}, {"d", "two\nlines"}}),
              R"(event=x a="" b="say \"no\" \\" c="1=2" d="two lines")");
}

TEST(EventLine, SecondsHaveThreeDigits) {
    EXPECT_EQ(seconds(0ms), "0.000");
    EXPECT_EQ(seconds(61ms), "0.061");
    EXPECT_EQ(seconds(3900ms), "3.900");
    EXPECT_EQ(seconds(25s), "25.000");
}

TEST_F(EventLogTest, EachEventIsOneLineWithItsLevel) {
    EventLog log(writing.get(), EventLog::Style::plain);
    log.info("start", {{"version", "1.0"}});
    log.warning("stuck");
    log.error("failed");
    EXPECT_EQ(written(),
              "level=info event=start version=1.0\nlevel=warning event=stuck\nlevel=error event=failed\n");
}

TEST_F(EventLogTest, TheJournalGetsItsPriorities) {
    EventLog log(writing.get(), EventLog::Style::journal);
    log.info("start");
    log.error("failed");
    EXPECT_EQ(written(), "<6>level=info event=start\n<3>level=error event=failed\n");
}

TEST_F(EventLogTest, SentencesOfOtherRoomsBecomeEvents) {
    EventLog log(writing.get(), EventLog::Style::plain);
    Log sentences(0);
    sentences.add_listener(log.listener("button"));
    sentences.debug("not worth a line");
    sentences.warning("no button here");
    EXPECT_EQ(written(), "level=warning event=button message=\"no button here\"\n");
}

/// Fills the pipe, so that it takes nothing.
void fill(int fd) {
    const std::string page(4096, '.');
    pollfd state{.fd = fd, .events = POLLOUT, .revents = 0};
    while (::poll(&state, 1, 0) > 0) ASSERT_GT(::write(fd, page.data(), page.size()), 0);
}

TEST_F(EventLogTest, ALineWaitsForAConsoleThatIsBusy) {
    EventLog log(writing.get(), EventLog::Style::plain);
    fill(writing.get());
    std::thread reader([&] {
        for (int page = 0; page < 16; ++page) static_cast<void>(written());
    });
    log.info("done");
    reader.join();
    EXPECT_EQ(written(), "level=info event=done\n");
}

TEST_F(EventLogTest, LinesThatWaitedComeInOrderBeforeTheNext) {
    EventLog log(writing.get(), EventLog::Style::plain);
    fill(writing.get());
    log.info("reboot");
    log.info("done");
    for (int page = 0; page < 16; ++page) static_cast<void>(written());
    log.info("stop");
    EXPECT_EQ(written(), "level=info event=reboot\nlevel=info event=done\nlevel=info event=stop\n");
}

TEST_F(EventLogTest, LinesThatWaitAreWrittenAsSoonAsTheFileTakesThem) {
    EventLog log(writing.get(), EventLog::Style::plain);
    EXPECT_EQ(log.waiting_fd(), -1);
    fill(writing.get());
    log.info("reboot");
    EXPECT_EQ(log.waiting_fd(), writing.get());
    for (int page = 0; page < 16; ++page) static_cast<void>(written());
    log.flush();
    EXPECT_EQ(written(), "level=info event=reboot\n");
    EXPECT_EQ(log.waiting_fd(), -1);
}

TEST_F(EventLogTest, AFileThatTakesNothingCostsItsPatienceOnce) {
    EventLog log(writing.get(), EventLog::Style::plain);
    fill(writing.get());
    log.info("press");
    const auto start = Clock::now();
    for (int line = 0; line < 100000; ++line) log.info("press");
    // 100,000 lines that wait for their patience would take three hours.
    EXPECT_LT(Clock::now() - start, 60s);
    for (int page = 0; page < 16; ++page) static_cast<void>(written());
    log.info("stop");
    EXPECT_EQ(written().substr(0, 37), "level=warning event=lost lines=99938\n");
}

}  // namespace
}  // namespace mox::button
