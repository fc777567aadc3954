#pragma once

#include <chrono>
#include <optional>

#include "base/units.hpp"

namespace mox::network {

/// How stubborn a download is.
struct RetryRules {
    int tries = 3;  ///< in a row that got nowhere; routers in the field have always made three
    std::chrono::milliseconds first_pause{2000};
    std::chrono::milliseconds longest_pause{30000};
    /// A try that brought as much got somewhere: a large file on a bad line is not given up while it grows.
    Bytes worth_while{64 << 10};
};

/// Decides when to try again, each pause twice as long as the one before. Pure.
class Retries {
public:
    explicit Retries(const RetryRules& rules) : rules_(rules) {}

    /// How long to wait after a try that failed but has brought `gained`; nothing: give up.
    [[nodiscard]] std::optional<std::chrono::milliseconds> after_failure(Bytes gained);

private:
    RetryRules rules_;
    int failures_in_a_row_ = 0;
};

}  // namespace mox::network
