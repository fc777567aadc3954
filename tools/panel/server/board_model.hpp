#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "led_decoder/led_reader.hpp"
#include "panel/server/board_state.hpp"
#include "panel/server/board_tracker.hpp"
#include "panel/server/console_reader.hpp"

namespace mox::virtual_mox::panel {

/// A reading of the LED with its meaning.
struct ToldReading {
    led_decoder::Reading reading;
    std::string meaning;
    bool goes_on = false;  ///< after `until`; otherwise that is its end
    bool is_end = false;   ///< the end of the reading before, which went on
};

/// The one place that derives what the pages show from what the board does: heading, hint, progress, LED and
/// the readings of the timeline. Pure. All times are those of one clock (Machine::board_clock). What it is
/// told must be in the order in which it happened; a start (power, reset) ends everything of the start
/// before.
class BoardModel {
public:
    using Told = std::vector<ToldReading>;

    explicit BoardModel(Clock::time_point now) : reader_(now) {}

    /// The power adapter is plugged in.
    [[nodiscard]] Told power_comes(bool button_down, Clock::time_point now);
    /// The plug is pulled, or the board has switched itself off.
    [[nodiscard]] Told power_goes(Clock::time_point now);
    /// The processor starts anew. Does nothing without power.
    [[nodiscard]] Told was_reset(bool button_down, Clock::time_point now);

    [[nodiscard]] Told led_changed(bool lit, Clock::time_point at);
    void button_changed(bool down, Clock::time_point at);
    /// The LED has not changed up to `now`.
    [[nodiscard]] Told waited(Clock::time_point now);
    /// When `waited` may return something; nullopt: not before the next change of the LED.
    [[nodiscard]] std::optional<Clock::time_point> next_due() const { return reader_.next_due(); }
    /// Bytes of the serial console, in pieces of any size.
    [[nodiscard]] Told console_says(std::string_view bytes, Clock::time_point now);

    /// Changes the parts of the state that do not come from the board: media, files, ...
    template <typename Change>
    void change(Change change) {
        change(state_);
        tracker_.card_moved(state_.card.in);
        state_.situation = tracker_.now();
    }

    [[nodiscard]] const BoardState& state() const { return state_; }
    [[nodiscard]] const BoardTracker& tracker() const { return tracker_; }

private:
    void start(Clock::time_point now);
    void read(const std::vector<led_decoder::Reading>& readings, Told& told);
    void end_reading(Clock::time_point until, Told& told);
    void settle(Clock::time_point now, Told& told);

    BoardState state_;
    BoardTracker tracker_;
    led_decoder::LedReader reader_;
    ConsoleReader console_reader_;
    std::optional<ToldReading> going_on_;  ///< the newest reading, if it goes on
};

}  // namespace mox::virtual_mox::panel
