#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "network/retry.hpp"
#include "remote/failure.hpp"

namespace mox::remote {

/// When something is tried again that a broken connection has ended.
struct Patience {
    network::RetryRules rules{};
    /// Prints a line for the user; may be empty.
    std::function<void(std::string_view)> say{};

    /// Waits before the next try, and says so. Failures: `last`, if there is no next try; `local`: a signal
    /// has requested a stop.
    [[nodiscard]] Result<void> before_next_try(network::Retries& retries, const Failure& last,
                                               Bytes gained) const;
};

/// Calls `attempt` again while it fails with Cause::unreachable, with back-off. Returns what the last call
/// returned.
template <typename Attempt>
[[nodiscard]] auto patiently(const Patience& patience, const Attempt& attempt) -> decltype(attempt()) {
    network::Retries retries(patience.rules);
    while (true) {
        auto done = attempt();
        if (done || done.error().cause != Cause::unreachable) return done;
        if (auto next = patience.before_next_try(retries, done.error(), {}); !next)
            return std::unexpected(std::move(next).error());
    }
}

}  // namespace mox::remote
