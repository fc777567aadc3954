#include "async/event.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mox::async {

namespace asio = boost::asio;

namespace {

/// One waiting coroutine: in the list for as long as the coroutine's frame lives.
class Entry {
public:
    Entry(std::shared_ptr<std::list<asio::steady_timer*>> waiting, asio::steady_timer& timer)
        : waiting_(std::move(waiting)), place_(waiting_->insert(waiting_->end(), &timer)) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { waiting_->erase(place_); }

private:
    std::shared_ptr<std::list<asio::steady_timer*>> waiting_;
    std::list<asio::steady_timer*>::iterator place_;
};

}  // namespace

void Event::notify() {
    for (auto* timer : *waiting_) timer->cancel();
}

asio::awaitable<void> Event::notified_before(Clock::time_point deadline) {
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    const Entry entry(waiting_, timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace mox::async
