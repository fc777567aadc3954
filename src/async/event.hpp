#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>

#include "base/units.hpp"

namespace mox::async {

/// Wakes every coroutine that waits for something to change. On one event loop only.
class Event {
public:
    /// Wakes all who wait now.
    void notify();

    /// Waits for the next ring, or until `deadline`: look afterwards at what has changed.
    [[nodiscard]] boost::asio::awaitable<void> notified_before(Clock::time_point deadline);

private:
    using Waiting = std::list<boost::asio::steady_timer*>;
    /// Shared: a coroutine may be destroyed after the bell it waits for.
    std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

}  // namespace mox::async
