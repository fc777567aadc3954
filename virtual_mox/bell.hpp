#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>

#include "base/units.hpp"

namespace mox::virtual_mox {

/// Wakes every coroutine that waits for something to change. On one event loop only.
class Bell {
public:
    /// Wakes all who wait now.
    void ring();

    /// Waits for the next ring, or until `deadline`: look afterwards at what has changed.
    [[nodiscard]] boost::asio::awaitable<void> heard_before(Clock::time_point deadline);

private:
    using Waiting = std::list<boost::asio::steady_timer*>;
    /// Shared: a coroutine may be destroyed after the bell it waits for.
    std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

}  // namespace mox::virtual_mox
