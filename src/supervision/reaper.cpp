#include "supervision/reaper.hpp"

#include <sys/wait.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

namespace mox::supervision {

void Reaper::reap() const {
    for (;;) {
        siginfo_t ended{};
        // Looks first: waiting for anybody would take our own child's end away from the one who waits for it.
        if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0) return;
        if (ended.si_pid == 0 || ended.si_pid == own_child_) return;
        if (::waitpid(ended.si_pid, nullptr, WNOHANG) < 0) return;
    }
}

boost::asio::awaitable<void> Reaper::reap_for_ever() const {
    boost::asio::signal_set ends(co_await boost::asio::this_coro::executor, SIGCHLD);
    for (;;) {
        reap();
        co_await ends.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
}

}  // namespace mox::supervision
