#include "programs/heartbeat.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "base/unique_fd.hpp"

namespace mox::programs {

boost::asio::awaitable<void> beat(int descriptor) {
    const UniqueFd pipe(descriptor);
    ::fcntl(pipe.get(), F_SETFD, FD_CLOEXEC);
    // A supervision that is slow to read must not hold up the event loop that it watches.
    ::fcntl(pipe.get(), F_SETFL, O_WRONLY | O_NONBLOCK);
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (;;) {
        if (::write(pipe.get(), ".", 1) < 0 && errno != EAGAIN && errno != EINTR) co_return;
        timer.expires_after(heartbeat_interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

}  // namespace mox::programs
