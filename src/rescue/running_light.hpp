#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "base/units.hpp"
#include "board/blink_end.hpp"
#include "board/error_rhythm.hpp"
#include "rescue/selector.hpp"

namespace mox::rescue {

/// The rhythm of the LED while a mode runs, and its borders: dark times that are longer than any dark time in
/// an announcement (0.7 s) or between the blinks of a code, so that neither is taken for a part of the other.
struct RunningRhythm {
    /// Between the light that ends an announcement and the first slow blink.
    Clock::duration dark_before = std::chrono::milliseconds(750);

    /// "Router will start blinking during execution": slow; the kernel does the blinking.
    std::chrono::milliseconds blink_on{500};
    std::chrono::milliseconds blink_off{500};
    /// A mode that ends at once still shows as many whole blinks: a single one could be taken for a number.
    int fewest_blinks = 2;

    /// Between the last slow blink and the light of a success. (Before an error it is ErrorRhythm::dark.)
    Clock::duration dark_after = std::chrono::milliseconds(750);
    /// The light of a success: too long for a blink.
    Clock::duration done = std::chrono::seconds(1);
};

/// Blink slowly until the next action.
struct BlinkSlowly {
    bool operator==(const BlinkSlowly&) const = default;
};

using LightAction = std::variant<ShowLed, BlinkSlowly>;

/// The LED from the start of a mode to the end of its slow blinking.
///
/// Pure: the caller passes the time and the state of the LED, and gets the next action.
///
/// - The lead comes first: what separates the slow blinking from the pattern before it.
/// - The slow blinking ends with a whole blink, and not before `fewest_blinks`. So the result of a mode that
///   runs for some seconds is shown at most one period late.
/// - It ends in any case after two more periods: a LED that does not blink delays nothing for long.
class RunningLight {
public:
    explicit RunningLight(std::vector<board::LedStep> lead, const RunningRhythm& rhythm = {});

    /// The action that is due at `now`, nullopt if none; call it until nullopt, then sleep until
    /// `next_due()`.
    [[nodiscard]] std::optional<LightAction> advance(Clock::time_point now);

    /// time_point::min(): at once. time_point::max(): it blinks.
    [[nodiscard]] Clock::time_point next_due() const { return due_; }

    /// For a mode that has ended: the LED is lit or dark at `at`. Returns whether the blinking may be
    /// replaced now by darkness. To be called every BlinkEnd::interval until true; false while the lead
    /// lasts.
    [[nodiscard]] bool may_end(bool lit, Clock::time_point at);

private:
    RunningRhythm rhythm_;
    std::vector<board::LedStep> lead_;
    std::size_t position_ = 0;
    Clock::time_point due_ = Clock::time_point::min();
    std::optional<Clock::time_point> blinking_since_;
    std::optional<board::BlinkEnd> end_;
};

}  // namespace mox::rescue
