#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "led_decoder/led_reader.hpp"
#include "led_decoder/rescue_state_tracker.hpp"
#include "panel/server/console_reader.hpp"

namespace mox::virtual_mox::panel {

/// Where a router is between the power adapter and the login, as far as a person can tell.
enum class Phase {
    off,
    boot_loader,      ///< looks at the button
    entering_rescue,  ///< LED off: the button may be let go
    starting_rescue,  ///< LED on again, before the first announcement
    selecting,
    executing,
    waiting_for_you,  ///< modes 5 and 7: somebody works in the rescue system
    failed,
    normal_boot,
    running,  ///< the installed system asks for a login
};

struct Situation {
    Phase phase = Phase::off;
    int mode = 0;        ///< announced, executed or failed now; 0: none
    int repetition = 0;  ///< of the announcement, 1 or 2; 0: it is still to come
    int error = 0;       ///< LED code in phase `failed`

    bool operator==(const Situation&) const = default;
};

/// Follows one board and tells in which situation it is: by the LED and the button, as the manual explains
/// them, and by the console where the LED alone cannot tell (which mode was forced; that a lit LED is mode 5
/// or 7; the login). Pure.
class BoardTracker {
public:
    void power_came(bool button_down);
    void power_went();
    /// By itself, by the watchdog or by the reset pin.
    void was_reset(bool button_down);

    void led_changed(bool lit, Clock::time_point at);
    void button_changed(bool down, Clock::time_point at);
    /// What the LED has just been read to show; answers what it means, in the manual's words.
    [[nodiscard]] std::string read(const led_decoder::Reading& reading);
    void heard(const ConsoleEvent& news);

    [[nodiscard]] const Situation& now() const { return now_; }
    /// How many announcements the LED has made since the last start.
    [[nodiscard]] int announcements() const { return announcements_; }
    /// The newest one.
    [[nodiscard]] const led_decoder::Announced& announced() const { return story_.announced(); }

private:
    void begin(Phase phase, bool button_down);
    void executes(int mode);
    void fails(int code);
    void announces();
    [[nodiscard]] bool is_in_rescue() const;
    [[nodiscard]] led_decoder::ButtonUse button_use(const led_decoder::Reading& reading) const;

    Situation now_;
    led_decoder::RescueStateTracker story_;
    int announcements_ = 0;
    bool lit_in_this_boot_ = false;
    bool slow_blinking_seen_ = false;  ///< since the last start
    bool button_down_ = false;
    bool held_since_start_ = false;
    Clock::time_point rescue_start_ = Clock::time_point::max();
    Clock::time_point first_release_ = Clock::time_point::max();
    std::vector<Clock::time_point> presses_;  ///< since the last start: few
};

}  // namespace mox::virtual_mox::panel
