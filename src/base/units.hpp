#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace mox {

/// An amount of data. A type of its own, so that it is not mixed up with a count of sectors or entries.
struct Bytes {
    std::uint64_t count = 0;

    constexpr auto operator<=>(const Bytes&) const = default;
    constexpr Bytes& operator+=(Bytes other) {
        count += other.count;
        return *this;
    }
    friend constexpr Bytes operator+(Bytes left, Bytes right) { return {left.count + right.count}; }
    /// Saturates at zero: a difference is never negative.
    friend constexpr Bytes operator-(Bytes left, Bytes right) {
        return {left.count > right.count ? left.count - right.count : 0};
    }
    friend constexpr Bytes operator*(Bytes left, std::uint64_t factor) { return {left.count * factor}; }
};

namespace unit_literals {
constexpr Bytes operator""_B(unsigned long long n) {
    return {n};
}
constexpr Bytes operator""_KiB(unsigned long long n) {
    return {n << 10};
}
constexpr Bytes operator""_MiB(unsigned long long n) {
    return {n << 20};
}
constexpr Bytes operator""_GiB(unsigned long long n) {
    return {n << 30};
}
}  // namespace unit_literals

/// For people: "215.3 MB" (powers of 1000, as drives are sold), "17 B".
[[nodiscard]] std::string to_text(Bytes amount);

/// For people: "0.8 s", "12 s", "3 min 05 s".
[[nodiscard]] std::string to_text(std::chrono::nanoseconds duration);

/// The clock for all waiting; changes of the wall clock do not affect it.
using Clock = std::chrono::steady_clock;

}  // namespace mox
