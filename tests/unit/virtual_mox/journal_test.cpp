// Journals and the console: waiting for what happens, by any number of readers.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "async/spawn.hpp"
#include "virtual_mox/console.hpp"
#include "virtual_mox/event_history.hpp"
#include "virtual_mox/visible_text.hpp"

namespace mox::virtual_mox {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST(EventHistory, EveryReaderGetsEveryEntryAlsoALateOne) {
    asio::io_context loop;
    EventHistory<int> journal;
    std::vector<int> early, late;
    const auto read = [&journal](std::vector<int>& seen) -> asio::awaitable<void> {
        for (auto at = journal.begin(); co_await journal.reaches(at, Clock::now() + 50ms); ++at)
            seen.push_back(journal[at]);
    };
    async::spawn(loop.get_executor(), read(early));
    asio::post(loop, [&] { journal.add(1); });
    asio::post(loop, [&] {
        journal.add(2);
        journal.add(3);
        async::spawn(loop.get_executor(), read(late));
    });
    loop.run();
    EXPECT_EQ(early, (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(late, early);
}

TEST(EventHistory, ForgetsTheOldestButKeepsTheirPositions) {
    EventHistory<int> journal(3);
    for (int i = 0; i < 10; ++i) journal.add(i);
    EXPECT_EQ(journal.begin(), 7U);
    EXPECT_EQ(journal.end(), 10U);
    EXPECT_EQ(journal[9], 9);
}

TEST(EventHistory, WaitingEndsAtTheDeadline) {
    asio::io_context loop;
    EventHistory<int> journal;
    bool reached = true;
    const auto start = Clock::now();
    async::spawn(loop.get_executor(),
                 [&]() -> asio::awaitable<void> { reached = co_await journal.reaches(0, start + 20ms); });
    loop.run();
    EXPECT_FALSE(reached);
    EXPECT_GE(Clock::now(), start + 20ms);
}

/// A console that writes pieces of text one after another, and a script that reads it.
class ConsoleTest : public testing::Test {
protected:
    template <typename Script>
    void play(const std::vector<std::string>& pieces, Script script) {
        asio::io_context loop;
        async::spawn(loop.get_executor(), [&]() -> asio::awaitable<void> { co_await script(console); });
        for (const auto& piece : pieces)
            asio::post(loop, [this, piece] { console.arrived(piece, start + 1s * ++arrivals); });
        loop.run();
    }

    Console console;
    int arrivals = 0;
    const Clock::time_point start{1h};
};

TEST_F(ConsoleTest, ATextThatComesInPiecesIsFoundWithTheTimeOfItsEnd) {
    play({"U-Bo", "ot\r\nmox lo", "gin: ", "more"}, [this](Console& board) -> asio::awaitable<void> {
        const auto found = co_await board.expect("mox login:", 1s);
        EXPECT_TRUE(found);
        if (!found) co_return;
        EXPECT_EQ(found->before, "U-Boot\r\n");
        EXPECT_EQ(found->at, start + 3s);
    });
}

TEST_F(ConsoleTest, AScriptReadsOnBehindWhatItHasFound) {
    play({"one two one two three"}, [](Console& board) -> asio::awaitable<void> {
        EXPECT_EQ((co_await board.expect("two", 1s))->before, "one ");
        EXPECT_EQ((co_await board.expect("two", 1s))->before, " one ");
        const auto missing = co_await board.expect("one", 10ms);
        EXPECT_FALSE(missing) << "it was before";
        EXPECT_NE(missing.error().describe().find("\"one\""), std::string::npos);
        EXPECT_NE(missing.error().describe().find("two three"), std::string::npos) << "shows the last lines";
    });
}

TEST_F(ConsoleTest, WhatWasSkippedIsNotFoundAnyMore) {
    console.arrived("login: ", start);
    console.skip_to_end();
    play({"login", ": again"}, [](Console& board) -> asio::awaitable<void> {
        EXPECT_EQ((co_await board.expect("login:", 1s))->before, "");
    });
}

TEST_F(ConsoleTest, KeepsTheNewestMegabytesAndAScriptGoesOn) {
    for (int i = 0; i < 20; ++i) console.arrived(std::string(1 << 20, 'x'), start);
    EXPECT_LE(console.text().size(), 16U << 20);
    EXPECT_EQ(console.end(), 20U << 20);
    EXPECT_EQ(console.end() - console.begin(), console.text().size());
    play({"here"},
         [](Console& board) -> asio::awaitable<void> { EXPECT_TRUE(co_await board.expect("here", 1s)); });
}

TEST_F(ConsoleTest, TypingWithoutPowerIsAnError) {
    EXPECT_FALSE(console.type("x"));
    std::string typed;
    console.connect([&](std::string_view keys) -> Expected<void> {
        typed += keys;
        return {};
    });
    EXPECT_TRUE(console.type("ls\r"));
    EXPECT_EQ(typed, "ls\r");
}

TEST(VisibleText, IsWhatAPersonSeesInTheEnd) {
    EXPECT_EQ(visible_text("plain\ttext"), "plain\ttext");
    EXPECT_EQ(visible_text("\x1b[31mred\x1b[0m and \x1b[?25lno cursor"), "red and no cursor");
    EXPECT_EQ(visible_text("root@mox:/root# \x1b[6nls"), "root@mox:/root# ls");
    EXPECT_EQ(visible_text("[1/7] 10%\r\x1b[K[1/7] 90%\r\x1b[K[1/7] done"), "[1/7] done");
    EXPECT_EQ(visible_text("a line\r"), "a line");
    EXPECT_EQ(visible_text("bell\x07 cut off \x1b[3"), "bell cut off ");
    EXPECT_EQ(visible_text(""), "");
}

}  // namespace
}  // namespace mox::virtual_mox
