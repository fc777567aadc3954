#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/running_child.hpp"
#include "base/units.hpp"

namespace mox::async {

/// Waits until `fd` can be read. Returns false when `deadline` comes first or the wait is cancelled. The
/// caller owns `fd`.
[[nodiscard]] boost::asio::awaitable<bool> readable_before(int fd, Clock::time_point deadline);

/// Waits for the end of `child`. Returns its exit status.
[[nodiscard]] boost::asio::awaitable<int> end_of(RunningChild& child);

/// Waits until `moment`, or until it is cancelled.
[[nodiscard]] boost::asio::awaitable<void> wait_until(Clock::time_point moment);

/// Waits until it is cancelled, and throws then. Never returns, so that in `a || wait_forever()` only `a` can
/// end the wait.
[[nodiscard]] boost::asio::awaitable<void> wait_forever();

}  // namespace mox::async
