#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace mox::async {

/// Starts a coroutine that no caller waits for. The event loop's run() throws what the coroutine throws.
template <typename Executor, typename Coroutine>
void spawn(const Executor& executor, Coroutine&& coroutine) {
    boost::asio::co_spawn(executor, std::forward<Coroutine>(coroutine), [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
}

}  // namespace mox::async
