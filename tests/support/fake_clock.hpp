#pragma once

#include <chrono>

#include "base/units.hpp"

namespace mox::test_support {

/// A clock that a test moves: hours of waiting take no time, and every instant is exact. It starts at an
/// arbitrary point that is not zero. One for the whole program, as product code takes a plain function.
class FakeClock {
public:
    static Clock::time_point start() { return Clock::time_point(std::chrono::hours(1)); }
    static Clock::time_point now() { return now_; }
    static void restart() { now_ = start(); }
    static void move_to(Clock::time_point at) {
        if (at > now_) now_ = at;
    }

    static std::chrono::milliseconds since_start(Clock::time_point at = now_) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(at - start());
    }

private:
    static inline Clock::time_point now_ = start();
};

}  // namespace mox::test_support
