#include "support/seeds.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>

namespace mox::test_support {

std::uint64_t test_seed() {
    const char* given = std::getenv("MOX_SEED");
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("MOX_SEED=%llu repeats this run\n", static_cast<unsigned long long>(seed));
    return seed;
}

std::optional<std::chrono::seconds> soak_time() {
    const char* given = std::getenv("MOX_SOAK_SECONDS");
    if (given == nullptr) return std::nullopt;
    return std::chrono::seconds(std::strtoull(given, nullptr, 10));
}

}  // namespace mox::test_support
