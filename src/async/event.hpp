#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>

#include "base/units.hpp"

namespace mox::async {

/// Wakes all coroutines that wait for a change. For one event loop only.
class Event {
public:
    /// Wakes all coroutines that wait now.
    void notify();

    /// Waits for the next notify(), or until `deadline`. The caller then checks what has changed.
    [[nodiscard]] boost::asio::awaitable<void> notified_before(Clock::time_point deadline);

private:
    using Waiting = std::list<boost::asio::steady_timer*>;
    /// Shared: a coroutine may be destroyed after the event that it waits for.
    std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

}  // namespace mox::async
