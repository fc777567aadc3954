// What waits for a page, and that one thing after another is done.

#include "virtual_mox/panel/outbox.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <vector>

#include "virtual_mox/panel/audience.hpp"
#include "virtual_mox/panel/turn.hpp"
#include "virtual_mox/spawn.hpp"

namespace mox::virtual_mox::panel {
namespace {

namespace asio = boost::asio;

/// Takes everything out until it is closed.
asio::awaitable<void> drain(Outbox& outbox, std::vector<std::string>& taken) {
    while (const auto message = co_await outbox.next()) taken.push_back(*message->bytes);
}

TEST(Outbox, GivesOutInOrderWhatWasPutInBeforeAndLater) {
    asio::io_context loop;
    Outbox outbox([] {});
    std::vector<std::string> taken;
    outbox.put_text("1");
    outbox.put_text("2");
    spawn(loop.get_executor(), drain(outbox, taken));
    asio::post(loop, [&] { outbox.put_text("3"); });
    asio::post(loop, [&] { asio::post(loop, [&] { outbox.close(); }); });
    loop.run();
    EXPECT_EQ(taken, (std::vector<std::string>{"1", "2", "3"}));
}

TEST(Outbox, APageThatDoesNotReadIsGivenUpAndToldOnce) {
    int closed = 0;
    Outbox outbox([&] { ++closed; });
    const auto piece = std::make_shared<const std::string>(Outbox::limit / 4, 'x');
    for (int i = 0; i < 4; ++i) outbox.put({Outbox::Kind::binary, piece});
    EXPECT_FALSE(outbox.is_closed());
    outbox.put_text("x");
    EXPECT_TRUE(outbox.is_closed());
    outbox.put_text("x");
    outbox.close();
    EXPECT_EQ(closed, 1);
}

TEST(Outbox, WhatWasTakenOutWaitsNoMore) {
    asio::io_context loop;
    Outbox outbox([] {});
    std::vector<std::string> taken;
    const std::string piece(Outbox::limit / 2, 'x');
    spawn(loop.get_executor(), drain(outbox, taken));
    for (int i = 0; i < 10; ++i) {
        outbox.put_text(piece);
        loop.restart();
        loop.poll();
    }
    EXPECT_FALSE(outbox.is_closed());
    EXPECT_EQ(taken.size(), 10U);
    outbox.close();
    loop.restart();
    loop.run();
}

TEST(Audience, EverybodyIsToldAlsoWhenOneIsTooSlow) {
    int closed = 0;
    Audience audience;
    const auto slow = std::make_shared<Outbox>([&] { ++closed; });
    const auto quick = std::make_shared<Outbox>([] {});
    audience.join(slow);
    slow->put_text(std::string(Outbox::limit, 'x'));
    audience.join(quick);
    audience.tell("an edge");
    EXPECT_EQ(closed, 1);
    EXPECT_FALSE(quick->is_closed());
    audience.leave(slow.get());
    EXPECT_FALSE(audience.empty());
    audience.leave(quick.get());
    EXPECT_TRUE(audience.empty());
}

TEST(Turn, OneAfterAnother) {
    asio::io_context loop;
    Turn turn;
    std::vector<int> order;
    Bell go_on;
    for (int i = 0; i < 3; ++i)
        spawn(loop.get_executor(), [&, i]() -> asio::awaitable<void> {
            const auto taken = co_await turn.taken();
            order.push_back(i);
            co_await go_on.heard_before(Clock::time_point::max());
            order.push_back(i);
        });
    for (int i = 0; i < 3; ++i) {
        loop.restart();
        loop.poll();
        go_on.ring();
    }
    loop.restart();
    loop.poll();
    EXPECT_EQ(order, (std::vector{0, 0, 1, 1, 2, 2}));
}

}  // namespace
}  // namespace mox::virtual_mox::panel
