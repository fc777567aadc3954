#include "support/seeds.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>

namespace mox::test_support {

std::uint64_t test_seed() {
    constexpr std::uint64_t usual_seed = 1;
    const char* given = std::getenv("MOX_SEED");
    std::uint64_t seed = soak_time() ? std::random_device{}() : usual_seed;
    if (given != nullptr) seed = std::strtoull(given, nullptr, 10);
    std::printf("MOX_SEED=%llu repeats this run\n", static_cast<unsigned long long>(seed));
    return seed;
}

std::optional<std::chrono::seconds> soak_time() {
    const char* given = std::getenv("MOX_SOAK_SECONDS");
    if (given == nullptr) return std::nullopt;
    return std::chrono::seconds(std::strtoull(given, nullptr, 10));
}

}  // namespace mox::test_support
