#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace mox::async {

/// Starts a coroutine that nobody waits for. What it throws is not lost: it comes out of the event loop's
/// run().
template <typename Executor, typename Coroutine>
void spawn(const Executor& executor, Coroutine&& coroutine) {
    boost::asio::co_spawn(executor, std::forward<Coroutine>(coroutine), [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
}

}  // namespace mox::async
