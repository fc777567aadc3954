#include "panel/server/board_tracker.hpp"

#include <algorithm>
#include <utility>

namespace mox::virtual_mox::panel {

namespace {

using led_decoder::ButtonUse;
using led_decoder::Reading;
using led_decoder::Sign;
using led_decoder::Stage;

constexpr int most_codes = 5;  ///< one for each ErrorKind

/// Modes in which the LED stays lit while the user works.
bool waits_for_user(int mode) {
    using boot::Mode;
    return mode == number_of(Mode::unsecured_ssh) || mode == number_of(Mode::rescue_shell);
}

std::string titled(int number) {
    const auto mode = boot::mode_from_number(number);
    if (!mode) return "a mode";
    return "mode " + std::to_string(number) + " (" + std::string(boot::title_of(*mode)) + ")";
}

}  // namespace

void BoardTracker::begin(Phase phase, bool button_down) {
    now_ = {.phase = phase};
    tracker_ = {};
    announcements_ = 0;
    selected_.reset();
    last_error_ = 0;
    lit_in_this_boot_ = false;
    lit_for_.clear();
    button_down_ = button_down;
    held_since_start_ = button_down;
    rescue_chosen_ = false;
    rescue_start_ = Clock::time_point::max();
    first_release_ = Clock::time_point::max();
    presses_.clear();
}

void BoardTracker::power_came(bool button_down) {
    begin(Phase::boot_loader, button_down);
}

void BoardTracker::power_went() {
    begin(Phase::off, button_down_);
}

void BoardTracker::was_reset(bool button_down) {
    if (now_.phase != Phase::off) begin(Phase::boot_loader, button_down);
}

/// Whether the rescue system runs.
bool BoardTracker::is_in_rescue() const {
    switch (now_.phase) {
        case Phase::starting_rescue:
        case Phase::selecting:
        case Phase::executing:
        case Phase::waiting_for_you:
        case Phase::failed:
        case Phase::rebooting:
            return true;
        case Phase::off:
        case Phase::boot_loader:
        case Phase::boot_prompt:
        case Phase::entering_rescue:
        case Phase::normal_boot:
        case Phase::running:
        case Phase::crashed:
            break;
    }
    return false;
}

/// Whether a line of the rescue system is one: it also starts from the boot loader's prompt, and a line may
/// arrive before the edge of the LED that belongs to it. What a user of the installed system types is none.
bool BoardTracker::may_be_in_rescue() const {
    return is_in_rescue() || now_.phase == Phase::entering_rescue || now_.phase == Phase::normal_boot;
}

/// The boot loader lights the LED and samples the button for a second: one released sample means a normal
/// boot, and the LED stays lit. A reset switches off a LED that was lit before.
void BoardTracker::led_changed(bool lit, Clock::time_point at) {
    last_edge_ = at;
    lit_for_.clear();
    if (now_.phase == Phase::boot_loader && lit) {
        lit_in_this_boot_ = true;
        if (!button_down_) now_.phase = Phase::normal_boot;
    } else if (now_.phase == Phase::boot_loader && lit_in_this_boot_) {
        now_.phase = Phase::entering_rescue;
    } else if (now_.phase == Phase::entering_rescue && lit) {
        now_.phase = Phase::starting_rescue;
        rescue_start_ = at;
    } else if (is_in_rescue() && lit) {
        rescue_start_ = std::min(rescue_start_, at);  // its first line came before the edge
    }
}

void BoardTracker::button_changed(bool down, Clock::time_point at) {
    button_down_ = down;
    if (down) {
        presses_.push_back(at);
        return;
    }
    first_release_ = std::min(first_release_, at);
    if (now_.phase == Phase::boot_loader && lit_in_this_boot_ && !rescue_chosen_)
        now_.phase = Phase::normal_boot;
}

/// Whether the console agrees with a reading of the LED.
bool BoardTracker::fits(const Reading& reading) const {
    switch (reading.sign) {
        case Sign::dark:
        case Sign::lit:
            return true;
        case Sign::announcement:
            // It may be read a moment after the press that moves on.
            return boot::mode_from_number(reading.blinks) &&
                   (selected_.none() || selected_[static_cast<std::size_t>(reading.blinks)]);
        case Sign::interrupted:
            return now_.phase == Phase::starting_rescue || now_.phase == Phase::selecting;
        case Sign::slow_blinking:
            return now_.mode != 0 && now_.phase != Phase::selecting;
        case Sign::error_code:
            // A mode that is tried again begins while the LED completes the code of the try before.
            return (now_.phase == Phase::failed || now_.phase == Phase::executing) && last_error_ != 0 &&
                   reading.blinks == last_error_;
    }
    return false;
}

std::string BoardTracker::meaning_outside_rescue() const {
    if (now_.phase == Phase::boot_prompt)
        return "The boot loader waits at its prompt: no system was started.";
    if (now_.phase == Phase::crashed) return "The kernel has crashed.";
    if (!card_in_) return "Normal boot, but there is no card in the slot.";
    return "Normal boot: I'm starting the system on the card.";
}

/// What a light means that has begun while a mode runs, or after it. "": what the patterns before it say.
std::string BoardTracker::meaning_of_light(const Reading& light) const {
    if (!lit_for_.empty()) return lit_for_;
    if (light.from <= phase_edge_) return "";
    if (now_.phase == Phase::rebooting)
        return std::string(now_.mode == 0 ? "The button was pressed" : "It is done") +
               ": I'm about to reboot.";
    if (now_.phase == Phase::executing) return "I'm executing " + titled(now_.mode) + ".";
    if (now_.phase == Phase::failed) return "It failed. A press reboots.";
    return "";
}

std::string BoardTracker::meaning_in_rescue(const Reading& reading) {
    if (reading.sign == Sign::lit)
        if (auto meaning = meaning_of_light(reading); !meaning.empty()) return meaning;
    auto meaning = tracker_.row_for(reading, button_use(reading), Stage::rescue).meaning;
    if (reading.sign == Sign::slow_blinking && tracker_.announced().mode != now_.mode)
        return "I'm executing " + titled(now_.mode) + ". Do not unplug me.";
    return meaning;
}

std::optional<std::string> BoardTracker::read(const Reading& reading) {
    switch (now_.phase) {
        case Phase::off:
        case Phase::running:  // the installed system drives the LED: its patterns have no meaning here
            return std::nullopt;
        case Phase::boot_prompt:
        case Phase::normal_boot:
        case Phase::crashed:
            if (reading.sign != Sign::lit && reading.sign != Sign::dark) return std::nullopt;
            return meaning_outside_rescue();
        default:
            break;
    }
    if (reading.from < rescue_start_) {
        if (reading.sign != Sign::lit && reading.sign != Sign::dark) return std::nullopt;
        return tracker_.row_for(reading, button_use(reading), Stage::boot_loader).meaning;
    }
    if (!fits(reading)) return std::nullopt;
    auto meaning = meaning_in_rescue(reading);
    if (reading.sign == Sign::announcement) announces();
    return meaning;
}

void BoardTracker::announces() {
    ++announcements_;
    const auto& announced = tracker_.announced();
    if (now_.phase != Phase::starting_rescue && now_.phase != Phase::selecting) return;
    if (now_.mode != 0 && now_.mode != announced.mode) return;  // a press has moved on
    now_.phase = Phase::selecting;
    now_.mode = announced.mode;
    now_.repetition = std::min(announced.repetition, 2);
}

bool BoardTracker::goes_on(const Reading& reading) const {
    if (reading.sign == Sign::slow_blinking) return now_.phase == Phase::executing;
    return reading.sign == Sign::error_code && now_.phase == Phase::failed && reading.blinks == now_.error;
}

/// The rescue program has started, or has been started again after a crash.
void BoardTracker::rescue_starts() {
    rescue_drives_led();
    now_ = {.phase = Phase::starting_rescue};
    tracker_ = {};
    selected_.reset();
    last_error_ = 0;
}

/// The rescue system was started from the boot loader's prompt, without the edges of a start with the button.
void BoardTracker::rescue_drives_led() {
    if (now_.phase == Phase::normal_boot) rescue_start_ = std::min(rescue_start_, last_edge_);
}

void BoardTracker::select(int mode) {
    if (!boot::mode_from_number(mode)) return;  // not a message of the rescue system
    selected_.set(static_cast<std::size_t>(mode));
}

void BoardTracker::moves_on_to(int mode) {
    if (now_.phase != Phase::starting_rescue && now_.phase != Phase::selecting) return;
    select(mode);
    if (boot::mode_from_number(mode)) now_ = {.phase = Phase::selecting, .mode = mode};
}

/// A phase that the console tells: a light that has begun before does not belong to it.
void BoardTracker::enter(Situation situation) {
    now_ = std::move(situation);
    phase_edge_ = last_edge_;
}

void BoardTracker::executes(int mode) {
    if (!boot::mode_from_number(mode)) return;  // not a message of the rescue system
    rescue_drives_led();
    enter({.phase = waits_for_user(mode) ? Phase::waiting_for_you : Phase::executing, .mode = mode});
    if (now_.phase == Phase::waiting_for_you) lit_for_ = "I'm in " + titled(mode) + " and wait for you.";
}

void BoardTracker::fails(const ErrorShown& error) {
    if (error.code < 1 || error.code > most_codes) return;  // not a message of the rescue system
    last_error_ = error.code;
    enter({.phase = Phase::failed,
           .mode = now_.mode,
           .error = error.code,
           .reason = error.reason,
           .advice = error.advice});
}

void BoardTracker::on_console_event(const ConsoleEvent& news) {
    if (now_.phase == Phase::off) return;
    on_boot_event(news);
    if (may_be_in_rescue()) on_rescue_event(news);
}

/// What boot loader, kernel and installed system write.
void BoardTracker::on_boot_event(const ConsoleEvent& news) {
    const auto phase = now_.phase;
    const bool in_boot_loader =
        phase == Phase::boot_loader || phase == Phase::entering_rescue || phase == Phase::normal_boot;
    if (std::holds_alternative<LoginPrompt>(news)) {
        if (phase == Phase::normal_boot) now_ = {.phase = Phase::running};
    } else if (std::holds_alternative<RescueChosen>(news)) {
        if (in_boot_loader) rescue_chosen_ = true;
        // The button was released between the boot loader's last sample and the moment when the LED went off.
        if (phase == Phase::normal_boot) now_ = {.phase = Phase::entering_rescue};
    } else if (std::holds_alternative<BootPrompt>(news)) {
        if (in_boot_loader) now_ = {.phase = Phase::boot_prompt};
    } else if (std::holds_alternative<KernelStarts>(news)) {
        if (phase == Phase::boot_prompt)
            now_ = {.phase = rescue_chosen_ ? Phase::entering_rescue : Phase::normal_boot};
    } else if (std::holds_alternative<KernelCrashed>(news)) {
        if (phase != Phase::boot_loader && phase != Phase::boot_prompt) now_ = {.phase = Phase::crashed};
    }
}

void BoardTracker::on_rescue_event(const ConsoleEvent& news) {
    if (const auto* started = std::get_if<SelectionStarts>(&news)) {
        rescue_starts();
        select(started->first);
    } else if (const auto* selected = std::get_if<NextMode>(&news)) {
        moves_on_to(selected->mode);
    } else if (const auto* mode = std::get_if<ModeStarts>(&news)) {
        executes(mode->mode);
    } else if (!is_in_rescue()) {
        return;
    } else if (const auto* progress = std::get_if<ProgressSeen>(&news)) {
        if (now_.phase == Phase::executing) now_.progress = *progress;
    } else if (const auto* error = std::get_if<ErrorShown>(&news)) {
        fails(*error);
    } else if (std::holds_alternative<TriesAgain>(news)) {
        if (now_.phase == Phase::failed) executes(now_.mode);
    } else if (const auto* ended = std::get_if<ModeEnds>(&news)) {
        if (boot::mode_from_number(ended->mode))
            enter({.phase = ended->stays ? Phase::waiting_for_you : Phase::rebooting, .mode = ended->mode});
    } else if (std::holds_alternative<RebootsByPress>(news)) {
        enter({.phase = Phase::rebooting});
    } else if (std::holds_alternative<RescueDied>(news)) {
        rescue_starts();
    }
}

ButtonUse BoardTracker::button_use(const Reading& reading) const {
    if (held_since_start_ && reading.until <= first_release_) return ButtonUse::held;
    const bool pressed = std::ranges::any_of(
        presses_, [&](Clock::time_point at) { return at >= reading.from && at <= reading.until; });
    return pressed ? ButtonUse::pressed : ButtonUse::released;
}

}  // namespace mox::virtual_mox::panel
