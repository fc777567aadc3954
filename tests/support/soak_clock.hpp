#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace mox::test_support {

/// How long a test with random inputs goes on: MOX_SOAK_SECONDS, or `usual`. At least one round.
class SoakClock {
public:
    explicit SoakClock(std::chrono::seconds usual) : end_(std::chrono::steady_clock::now() + length(usual)) {}

    [[nodiscard]] bool is_over() const { return std::chrono::steady_clock::now() >= end_; }

private:
    static std::chrono::seconds length(std::chrono::seconds usual) {
        const char* given = std::getenv("MOX_SOAK_SECONDS");
        return given != nullptr ? std::chrono::seconds(std::stoll(given)) : usual;
    }

    std::chrono::steady_clock::time_point end_;
};

/// MOX_SEED, or a new one.
[[nodiscard]] inline std::uint64_t random_seed() {
    const char* given = std::getenv("MOX_SEED");
    return given != nullptr ? std::stoull(given) : std::random_device{}();
}

}  // namespace mox::test_support
