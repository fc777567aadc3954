#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "base/error.hpp"
#include "base/units.hpp"
#include "support/temporary_directory.hpp"
#include "virtual_mox/board_files.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::board_test {

namespace asio = boost::asio;

/// A step of a play: what a coroutine of a test returns.
using Play = asio::awaitable<void>;

/// Runs a play to its end on an event loop of its own. What it throws (a failed `must`, say) fails the test.
inline void run(Play play) {
    asio::io_context loop{1};
    asio::co_spawn(loop, std::move(play), [&loop](const std::exception_ptr& thrown) {
        loop.stop();
        if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
}

/// The value of something that must not have failed; else the play ends with what it says.
/// `const auto reading = must(co_await watch.until(...))`.
template <typename T>
T must(Expected<T> result) {
    if (!result) throw std::runtime_error(result.error().describe());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline Play wait(Clock::duration length) {
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    co_await timer.async_wait(asio::use_awaitable);
}

/// Where `make image` puts what it builds.
inline const std::filesystem::path built = MOX_BUILT_FOLDER;

}  // namespace mox::board_test
