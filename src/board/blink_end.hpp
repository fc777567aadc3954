#pragma once

#include <chrono>
#include <optional>

#include "base/units.hpp"

namespace mox::board {

/// Finds the moment at which a LED that the kernel blinks can be taken over without cutting a blink short:
/// directly after it went dark. Pure: the caller looks at the LED every `interval`.
class BlinkEnd {
public:
    static constexpr std::chrono::milliseconds interval{10};

    /// Not before `earliest`; at `latest` in any case, because the LED may not blink at all.
    BlinkEnd(Clock::time_point earliest, Clock::time_point latest) : earliest_(earliest), latest_(latest) {}

    /// The LED was seen `lit` or dark at `at`. Returns whether it can be taken over now.
    [[nodiscard]] bool reached(bool lit, Clock::time_point at);

private:
    /// A change that is noticed later than this says nothing about how long the LED stays dark: a caller that
    /// was held up waits for the next one. Shorter than any dark time of a rhythm.
    static constexpr std::chrono::milliseconds fresh{100};

    Clock::time_point earliest_;
    Clock::time_point latest_;
    std::optional<Clock::time_point> lit_at_;
};

}  // namespace mox::board
