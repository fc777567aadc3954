#include "base/units.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace mox {

namespace {

template <typename... Values>
std::string formatted(const char* format, Values... values) {
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), format, values...);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string to_text(Bytes amount) {
    constexpr std::array units{"kB", "MB", "GB", "TB", "PB", "EB"};
    if (amount.count < 1000) return std::to_string(amount.count) + " B";
    double value = static_cast<double>(amount.count) / 1000;
    std::size_t unit = 0;
    while (value >= 999.95 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return formatted("%.1f %s", value, units.at(unit));
}

std::string to_text(std::chrono::nanoseconds duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    if (seconds < 9.95) return formatted("%.1f s", seconds);
    const auto whole = std::lround(seconds);
    if (whole < 120) return formatted("%ld s", whole);
    return formatted("%ld min %02ld s", whole / 60, whole % 60);
}

}  // namespace mox
