#pragma once

#include <chrono>

#include "base/units.hpp"

namespace mox::virtual_mox::panel {

/// The protocol's time: milliseconds with fractions since the server's start.
class PanelClock {
public:
    explicit PanelClock(Clock::time_point start) : start_(start) {}

    /// Precise to the microsecond.
    [[nodiscard]] double at(Clock::time_point moment) const {
        return static_cast<double>(
                   std::chrono::duration_cast<std::chrono::microseconds>(moment - start_).count()) /
               1000;
    }
    [[nodiscard]] double now() const { return at(Clock::now()); }

private:
    Clock::time_point start_;
};

}  // namespace mox::virtual_mox::panel
