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

/// Runs long work (verify, unpack, format) on a thread of its own while the event loop goes on serving LED,
/// button and console. The work must not throw. Precondition: the event loop runs on one thread.
template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work>> run_on_thread(Work work) {
    const auto executor = co_await boost::asio::this_coro::executor;
    // The timer never expires: it is the bell that the worker rings, through the event loop.
    boost::asio::steady_timer bell(executor, boost::asio::steady_timer::time_point::max());
    std::optional<std::invoke_result_t<Work>> result;
    const std::jthread worker([&] {
        result.emplace(work());
        boost::asio::post(executor, [&bell] { bell.cancel(); });
    });
    co_await bell.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return std::move(*result);
}

}  // namespace mox::async
