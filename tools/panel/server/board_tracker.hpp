#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "led_decoder/led_reader.hpp"
#include "led_decoder/rescue_state_tracker.hpp"
#include "panel/server/console_reader.hpp"

namespace mox::virtual_mox::panel {

/// The phase of a router between power-on and login, as a user can see it.
enum class Phase {
    off,
    boot_loader,      ///< samples the button
    entering_rescue,  ///< LED off: the button may be released
    starting_rescue,  ///< LED on again, before the first announcement
    selecting,
    executing,
    waiting_for_you,  ///< modes 5 and 7: the user works in the rescue system
    failed,
    normal_boot,
    running,  ///< the installed system asks for a login
};

struct Situation {
    Phase phase = Phase::off;
    int mode = 0;        ///< announced, executed or failed now; 0: none
    int repetition = 0;  ///< of the announcement, 1 or 2; 0: not announced yet
    int error = 0;       ///< LED code in phase `failed`

    bool operator==(const Situation&) const = default;
};

/// Tracks the phase of one board: from LED and button, as the manual explains them, and from the console
/// where the LED is not enough (which mode was forced; that a lit LED is mode 5 or 7; the login). Pure.
class BoardTracker {
public:
    void power_came(bool button_down);
    void power_went();
    /// A reset by the board, by the watchdog or by the reset pin.
    void was_reset(bool button_down);

    void led_changed(bool lit, Clock::time_point at);
    void button_changed(bool down, Clock::time_point at);
    /// Handles a new reading of the LED; returns its meaning in the manual's words.
    [[nodiscard]] std::string read(const led_decoder::Reading& reading);
    void on_console_event(const ConsoleEvent& news);

    [[nodiscard]] const Situation& now() const { return now_; }
    /// How many announcements the LED has made since the last start.
    [[nodiscard]] int announcements() const { return announcements_; }
    /// The newest announcement.
    [[nodiscard]] const led_decoder::Announced& announced() const { return tracker_.announced(); }

private:
    void begin(Phase phase, bool button_down);
    void executes(int mode);
    void fails(int code);
    void announces();
    [[nodiscard]] bool is_in_rescue() const;
    [[nodiscard]] led_decoder::ButtonUse button_use(const led_decoder::Reading& reading) const;

    Situation now_;
    led_decoder::RescueStateTracker tracker_;
    int announcements_ = 0;
    bool lit_in_this_boot_ = false;
    bool slow_blinking_seen_ = false;  ///< since the mode was started
    bool button_down_ = false;
    bool held_since_start_ = false;
    Clock::time_point rescue_start_ = Clock::time_point::max();
    Clock::time_point first_release_ = Clock::time_point::max();
    std::vector<Clock::time_point> presses_;  ///< since the last start: few
};

}  // namespace mox::virtual_mox::panel
