#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace mox::test_support {

/// The seed of a random test: MOX_SEED if it is set; another one each time in a soak; else always the same,
/// so that a change is judged by what it changes. Printed, so that a failure can be repeated.
[[nodiscard]] std::uint64_t test_seed();

/// How long a random test runs when more than its usual number of rounds is asked for: MOX_SOAK_SECONDS.
[[nodiscard]] std::optional<std::chrono::seconds> soak_time();

/// How long a test with random inputs goes on: the soak time, or `usual`. At least one round.
class SoakClock {
public:
    explicit SoakClock(std::chrono::seconds usual)
        : end_(std::chrono::steady_clock::now() + soak_time().value_or(usual)) {}

    [[nodiscard]] bool is_over() const { return std::chrono::steady_clock::now() >= end_; }

private:
    std::chrono::steady_clock::time_point end_;
};

}  // namespace mox::test_support
