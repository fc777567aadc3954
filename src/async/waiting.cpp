#include "async/waiting.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mox::async {

namespace {

namespace asio = boost::asio;

/// A descriptor that Asio waits for and does not own.
struct BorrowedDescriptor {
    BorrowedDescriptor(const asio::any_io_executor& executor, int fd) : descriptor(executor, fd) {}
    BorrowedDescriptor(const BorrowedDescriptor&) = delete;
    BorrowedDescriptor& operator=(const BorrowedDescriptor&) = delete;
    ~BorrowedDescriptor() { descriptor.release(); }

    asio::posix::stream_descriptor descriptor;
};

}  // namespace

asio::awaitable<bool> readable_before(int fd, Clock::time_point deadline) {
    using namespace asio::experimental::awaitable_operators;
    using asio::redirect_error;
    using asio::use_awaitable;
    const auto executor = co_await asio::this_coro::executor;
    BorrowedDescriptor borrowed(executor, fd);
    asio::steady_timer timer(executor, deadline);
    boost::system::error_code failure;
    boost::system::error_code time_is_up;
    const auto first = co_await (borrowed.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                                                redirect_error(use_awaitable, failure)) ||
                                 timer.async_wait(redirect_error(use_awaitable, time_is_up)));
    co_return first.index() == 0 && !failure;
}

asio::awaitable<int> end_of(RunningChild& child) {
    for (;;) {
        const bool ended = co_await readable_before(child.end_fd(), Clock::time_point::max());
        if (ended) co_return child.reap();
        // The wait was cancelled: the next wait would throw.
    }
}

asio::awaitable<void> wait_until(Clock::time_point moment) {
    asio::steady_timer timer(co_await asio::this_coro::executor, moment);
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

asio::awaitable<void> wait_forever() {
    asio::steady_timer timer(co_await asio::this_coro::executor, Clock::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace mox::async
