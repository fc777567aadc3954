// What waits for a page, and that one thing after another is done.

#include "panel/server/send_queue.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <vector>

#include "async/mutex.hpp"
#include "async/spawn.hpp"
#include "panel/server/client_registry.hpp"

namespace mox::virtual_mox::panel {
namespace {

namespace asio = boost::asio;

/// Takes everything out until it is closed.
asio::awaitable<void> drain(SendQueue& outbox, std::vector<std::string>& lock) {
    while (const auto message = co_await outbox.next()) lock.push_back(*message->bytes);
}

TEST(SendQueue, GivesOutInOrderWhatWasPutInBeforeAndLater) {
    asio::io_context loop;
    SendQueue outbox([] {});
    std::vector<std::string> lock;
    outbox.put_text("1");
    outbox.put_text("2");
    async::spawn(loop.get_executor(), drain(outbox, lock));
    asio::post(loop, [&] { outbox.put_text("3"); });
    asio::post(loop, [&] { asio::post(loop, [&] { outbox.close(); }); });
    loop.run();
    EXPECT_EQ(lock, (std::vector<std::string>{"1", "2", "3"}));
}

TEST(SendQueue, APageThatDoesNotReadIsGivenUpAndToldOnce) {
    int closed = 0;
    SendQueue outbox([&] { ++closed; });
    const auto piece = std::make_shared<const std::string>(SendQueue::limit / 4, 'x');
    for (int i = 0; i < 4; ++i) outbox.put({SendQueue::Kind::binary, piece});
    EXPECT_FALSE(outbox.is_closed());
    outbox.put_text("x");
    EXPECT_TRUE(outbox.is_closed());
    outbox.put_text("x");
    outbox.close();
    EXPECT_EQ(closed, 1);
}

TEST(SendQueue, WhatWasTakenOutWaitsNoMore) {
    asio::io_context loop;
    SendQueue outbox([] {});
    std::vector<std::string> lock;
    const std::string piece(SendQueue::limit / 2, 'x');
    async::spawn(loop.get_executor(), drain(outbox, lock));
    for (int i = 0; i < 10; ++i) {
        outbox.put_text(piece);
        loop.restart();
        loop.poll();
    }
    EXPECT_FALSE(outbox.is_closed());
    EXPECT_EQ(lock.size(), 10U);
    outbox.close();
    loop.restart();
    loop.run();
}

TEST(ClientRegistry, EverybodyIsToldAlsoWhenOneIsTooSlow) {
    int closed = 0;
    ClientRegistry audience;
    const auto slow = std::make_shared<SendQueue>([&] { ++closed; });
    const auto quick = std::make_shared<SendQueue>([] {});
    audience.join(slow);
    slow->put_text(std::string(SendQueue::limit, 'x'));
    audience.join(quick);
    audience.tell("an edge");
    EXPECT_EQ(closed, 1);
    EXPECT_FALSE(quick->is_closed());
    audience.on_close(slow.get());
    EXPECT_FALSE(audience.empty());
    audience.on_close(quick.get());
    EXPECT_TRUE(audience.empty());
}

TEST(AsyncMutex, OneAfterAnother) {
    asio::io_context loop;
    async::Mutex turn;
    std::vector<int> order;
    async::Event go_on;
    for (int i = 0; i < 3; ++i)
        async::spawn(loop.get_executor(), [&, i]() -> asio::awaitable<void> {
            const auto lock = co_await turn.lock();
            order.push_back(i);
            co_await go_on.notified_before(Clock::time_point::max());
            order.push_back(i);
        });
    for (int i = 0; i < 3; ++i) {
        loop.restart();
        loop.poll();
        go_on.notify();
    }
    loop.restart();
    loop.poll();
    EXPECT_EQ(order, (std::vector{0, 0, 1, 1, 2, 2}));
}

}  // namespace
}  // namespace mox::virtual_mox::panel
