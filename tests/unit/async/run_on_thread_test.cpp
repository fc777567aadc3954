#include "async/run_on_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <latch>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>

#include "async/waiting.hpp"

namespace mox::async {
namespace {

namespace asio = boost::asio;

/// A caller whose work lasts until the test lets it end, so that it can be cancelled meanwhile.
class CancelledCaller {
public:
    CancelledCaller() = default;
    CancelledCaller(const CancelledCaller&) = delete;
    CancelledCaller& operator=(const CancelledCaller&) = delete;
    ~CancelledCaller() { let_work_end(); }

    void let_work_end() { may_end.release(); }

    void start() {
        asio::co_spawn(
            loop, run(),
            asio::bind_cancellation_slot(signal.slot(), [this](std::exception_ptr thrown) { end = thrown; }));
    }

    asio::awaitable<void> run() {
        result = co_await run_on_thread([this] {
            begun.count_down();
            // A caller that does not wait blocks the event loop here: the test fails after this time.
            (void)may_end.try_acquire_for(std::chrono::seconds(5));
            work_ended = true;
            return std::make_unique<std::string>("done");
        });
        ended_first = work_ended;
        co_await wait_until(Clock::now());
        went_on = true;
    }

    /// Runs what is ready in the event loop.
    void turn() {
        loop.restart();
        loop.poll();
    }

    asio::io_context loop;
    asio::cancellation_signal signal;
    std::latch begun{1};
    std::counting_semaphore<> may_end{0};
    std::atomic<bool> work_ended = false;
    bool ended_first = false;
    bool went_on = false;
    std::unique_ptr<std::string> result;
    std::optional<std::exception_ptr> end;
};

TEST(RunOnThread, ReturnsTheResult) {
    asio::io_context loop;
    std::unique_ptr<int> result;
    const auto caller = [&]() -> asio::awaitable<void> {
        result = co_await run_on_thread([] { return std::make_unique<int>(7); });
    };
    asio::co_spawn(loop, caller(), asio::detached);
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, 7);
}

TEST(RunOnThread, ServesTheEventLoopMeanwhile) {
    CancelledCaller caller;
    caller.start();
    caller.turn();
    caller.begun.wait();
    bool served = false;
    asio::post(caller.loop, [&] { served = true; });
    caller.turn();
    EXPECT_TRUE(served);
    EXPECT_FALSE(caller.end);
    caller.let_work_end();
    caller.loop.restart();
    caller.loop.run();
    EXPECT_TRUE(caller.went_on);
}

/// The worker uses the caller's frame: the caller waits for it, however often it is cancelled.
TEST(RunOnThread, CancelledCallerWaitsForTheEndOfTheWork) {
    CancelledCaller caller;
    caller.start();
    caller.turn();
    caller.begun.wait();
    for (int i = 0; i < 3; ++i) {
        caller.signal.emit(asio::cancellation_type::terminal);
        caller.turn();
        EXPECT_FALSE(caller.result);
        ASSERT_FALSE(caller.end) << "the caller went on while the work ran";
    }
    caller.let_work_end();
    caller.loop.restart();
    caller.loop.run();
    ASSERT_TRUE(caller.result);
    EXPECT_EQ(*caller.result, "done");
    EXPECT_TRUE(caller.ended_first);
}

TEST(RunOnThread, CancelledCallerEndsAtItsNextWait) {
    CancelledCaller caller;
    caller.start();
    caller.turn();
    caller.begun.wait();
    caller.signal.emit(asio::cancellation_type::terminal);
    caller.let_work_end();
    caller.loop.restart();
    caller.loop.run();
    EXPECT_FALSE(caller.went_on);
    ASSERT_TRUE(caller.end && *caller.end);
    EXPECT_THROW(std::rethrow_exception(*caller.end), boost::system::system_error);
}

}  // namespace
}  // namespace mox::async
