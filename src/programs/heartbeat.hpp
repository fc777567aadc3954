#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace mox::programs {

/// How often the supervision (supervision/supervisor.hpp) is given a sign of life.
inline constexpr std::chrono::seconds heartbeat_interval{1};

/// Writes a byte to `descriptor` every `heartbeat_interval`, as long as the event loop turns. It is ours from
/// now on: no child inherits it. Ends when nobody listens any more.
[[nodiscard]] boost::asio::awaitable<void> beat(int descriptor);

}  // namespace mox::programs
