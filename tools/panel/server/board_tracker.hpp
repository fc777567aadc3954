#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "boot/mode.hpp"
#include "led_decoder/led_reader.hpp"
#include "led_decoder/rescue_state_tracker.hpp"
#include "panel/server/console_reader.hpp"

namespace mox::virtual_mox::panel {

/// The phase of a router between power-on and login, as a user can see it.
enum class Phase {
    off,
    boot_loader,      ///< samples the button
    boot_prompt,      ///< the boot loader has started nothing and waits for a command
    entering_rescue,  ///< LED off: the button may be released
    starting_rescue,  ///< LED on again, before the first announcement
    selecting,
    executing,
    waiting_for_you,  ///< modes 5 and 7: the user works in the rescue system
    failed,
    rebooting,  ///< the rescue system has ended
    normal_boot,
    running,  ///< the installed system asks for a login
    crashed,  ///< a kernel has stopped
};

/// What the board does now. The members fit together: an error only in phase `failed`, progress only in phase
/// `executing`, an announcement only in phase `selecting`.
struct Situation {
    Phase phase = Phase::off;
    int mode = 0;          ///< announced, executed, failed or done now; 0: none
    int repetition = 0;    ///< of the announcement, 1 or 2; 0: not announced yet
    int error = 0;         ///< LED code in phase `failed`
    std::string reason{};  ///< in phase `failed`: what failed and why, as the console has it; may be empty
    std::string advice{};  ///< in phase `failed`: what to do, as the console has it; may be empty
    std::optional<ProgressSeen> progress{};  ///< of the mode that is executed

    bool operator==(const Situation&) const = default;
};

/// Tracks the phase of one board. Pure.
///
/// Each thing has one source. The LED tells how far the boot loader is and which announcement is shown. The
/// rescue system's lines on the console tell everything else: the mode of the selection, that a mode runs,
/// fails or ends, and with which code. A reading of the LED that contradicts the console is a misreading (a
/// pattern that was cut short) and is left out.
class BoardTracker {
public:
    void power_came(bool button_down);
    void power_went();
    /// A reset by the board, by the watchdog or by the reset pin.
    void was_reset(bool button_down);
    void card_moved(bool in) { card_in_ = in; }

    void led_changed(bool lit, Clock::time_point at);
    void button_changed(bool down, Clock::time_point at);
    /// Handles a new reading of the LED; returns its meaning in the manual's words. nullopt: it has none.
    [[nodiscard]] std::optional<std::string> read(const led_decoder::Reading& reading);
    void on_console_event(const ConsoleEvent& news);

    [[nodiscard]] const Situation& now() const { return now_; }
    /// Whether a pattern that was read goes on, as far as the console tells.
    [[nodiscard]] bool goes_on(const led_decoder::Reading& reading) const;
    /// How many announcements the LED has made since the last start.
    [[nodiscard]] int announcements() const { return announcements_; }
    /// The newest announcement.
    [[nodiscard]] const led_decoder::Announced& announced() const { return tracker_.announced(); }

private:
    void begin(Phase phase, bool button_down);
    void rescue_starts();
    void enter(Situation situation);
    void executes(int mode);
    void fails(const ErrorShown& error);
    void announces();
    void on_boot_event(const ConsoleEvent& news);
    void on_rescue_event(const ConsoleEvent& news);
    void select(int mode);
    void moves_on_to(int mode);
    void rescue_drives_led();
    [[nodiscard]] bool is_in_rescue() const;
    [[nodiscard]] bool may_be_in_rescue() const;
    [[nodiscard]] bool fits(const led_decoder::Reading& reading) const;
    [[nodiscard]] std::string meaning_outside_rescue() const;
    [[nodiscard]] std::string meaning_of_light(const led_decoder::Reading& light) const;
    [[nodiscard]] std::string meaning_in_rescue(const led_decoder::Reading& reading);
    [[nodiscard]] led_decoder::ButtonUse button_use(const led_decoder::Reading& reading) const;

    Situation now_;
    led_decoder::RescueStateTracker tracker_;
    int announcements_ = 0;
    std::bitset<boot::mode_count + 1> selected_;  ///< modes that were selected since the last start
    int last_error_ = 0;                          ///< code of the try before; 0: none
    bool card_in_ = false;
    bool lit_in_this_boot_ = false;
    bool button_down_ = false;
    bool held_since_start_ = false;
    bool rescue_chosen_ = false;  ///< by the boot loader, in this start
    Clock::time_point last_edge_{};
    Clock::time_point phase_edge_{};  ///< the last edge before the present phase
    std::string lit_for_;             ///< meaning of the present light, if a mode has given it one
    Clock::time_point rescue_start_ = Clock::time_point::max();
    Clock::time_point first_release_ = Clock::time_point::max();
    std::vector<Clock::time_point> presses_;  ///< since the last start: few
};

}  // namespace mox::virtual_mox::panel
