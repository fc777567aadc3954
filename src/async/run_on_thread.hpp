#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace mox::async {

/// Runs long work (verify, unpack, format) on its own thread. Meanwhile the event loop serves LED, button and
/// console. Work that has begun cannot be cancelled: a cancelled caller gets the result when the work has
/// ended, and its next wait throws. The work must not throw. Precondition: the event loop runs on one thread.
template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work>> run_on_thread(Work work) {
    namespace this_coro = boost::asio::this_coro;
    const auto executor = co_await this_coro::executor;
    const bool throws_if_cancelled = co_await this_coro::throw_if_cancelled();
    // A cancelled wait must be repeated, because the worker uses this frame.
    co_await this_coro::throw_if_cancelled(false);
    // The timer never expires: the worker cancels it through the event loop when it has finished.
    boost::asio::steady_timer finished(executor, boost::asio::steady_timer::time_point::max());
    bool done = false;  // the event loop's thread reads and writes it
    std::optional<std::invoke_result_t<Work>> result;
    const std::jthread worker([&] {
        result.emplace(work());
        boost::asio::post(executor, [&finished, &done] {
            done = true;
            finished.cancel();
        });
    });
    while (!done) co_await finished.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_await this_coro::throw_if_cancelled(throws_if_cancelled);
    co_return std::move(*result);
}

}  // namespace mox::async
