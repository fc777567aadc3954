#include "panel/server/board_tracker.hpp"

#include <algorithm>

#include "boot/mode.hpp"

namespace mox::virtual_mox::panel {

namespace {

using led_decoder::ButtonUse;
using led_decoder::Reading;
using led_decoder::Sign;
using led_decoder::Stage;

/// Modes in which the LED stays lit while the user works.
bool waits_for_somebody(int mode) {
    using boot::Mode;
    return mode == number_of(Mode::unsecured_ssh) || mode == number_of(Mode::rescue_shell);
}

}  // namespace

void BoardTracker::begin(Phase phase, bool button_down) {
    now_ = {.phase = phase};
    tracker_ = {};
    announcements_ = 0;
    lit_in_this_boot_ = false;
    slow_blinking_seen_ = false;
    button_down_ = button_down;
    held_since_start_ = button_down;
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

bool BoardTracker::is_in_rescue() const {
    switch (now_.phase) {
        case Phase::starting_rescue:
        case Phase::selecting:
        case Phase::executing:
        case Phase::waiting_for_you:
        case Phase::failed:
            return true;
        case Phase::off:
        case Phase::boot_loader:
        case Phase::entering_rescue:
        case Phase::normal_boot:
        case Phase::running:
            break;
    }
    return false;
}

/// The boot loader lights the LED and samples the button for a second: one released sample means a normal
/// boot, and the LED stays lit. A reset switches off a LED that was lit before.
void BoardTracker::led_changed(bool lit, Clock::time_point at) {
    if (now_.phase == Phase::boot_loader && lit) {
        lit_in_this_boot_ = true;
        if (!button_down_) now_.phase = Phase::normal_boot;
    } else if (now_.phase == Phase::boot_loader && lit_in_this_boot_) {
        now_.phase = Phase::entering_rescue;
    } else if (now_.phase == Phase::entering_rescue && lit) {
        now_.phase = Phase::starting_rescue;
        rescue_start_ = at;
    }
}

void BoardTracker::button_changed(bool down, Clock::time_point at) {
    button_down_ = down;
    if (!down) {
        first_release_ = std::min(first_release_, at);
        if (now_.phase == Phase::boot_loader && lit_in_this_boot_) now_.phase = Phase::normal_boot;
        return;
    }
    presses_.push_back(at);
    if (now_.phase != Phase::selecting || now_.mode == 0) return;
    now_.mode = now_.mode % boot::mode_count + 1;
    now_.repetition = 0;
}

std::string BoardTracker::read(const Reading& reading) {
    if (now_.phase == Phase::off) return "The router has no power.";
    if (now_.phase == Phase::normal_boot || now_.phase == Phase::running) {
        if (now_.phase == Phase::running) return "The installed system is running.";
        return tracker_.row_for(reading, button_use(reading), Stage::installed_system).meaning;
    }
    const auto stage = reading.from < rescue_start_ ? Stage::boot_loader : Stage::rescue;
    auto meaning = tracker_.row_for(reading, button_use(reading), stage).meaning;
    if (stage == Stage::boot_loader) return meaning;
    if (reading.sign == Sign::announcement) announces();
    if (reading.sign == Sign::slow_blinking && now_.phase != Phase::executing)
        executes(now_.mode == 0 ? tracker_.announced().mode : now_.mode);
    if (reading.sign == Sign::slow_blinking) slow_blinking_seen_ = true;
    // A mode that is tried again begins while the LED completes the code of the try before.
    const bool is_of_try_before = now_.phase == Phase::executing && !slow_blinking_seen_;
    if (reading.sign == Sign::error_code && !is_of_try_before) fails(reading.blinks);
    return meaning;
}

void BoardTracker::announces() {
    ++announcements_;
    if (now_.phase != Phase::starting_rescue && now_.phase != Phase::selecting) return;
    now_.phase = Phase::selecting;
    now_.mode = tracker_.announced().mode;
    now_.repetition = std::min(tracker_.announced().repetition, 2);
}

void BoardTracker::executes(int mode) {
    if (mode != 0 && !boot::mode_from_number(mode)) return;  // not a message of the rescue system
    slow_blinking_seen_ = false;
    now_ = {.phase = waits_for_somebody(mode) ? Phase::waiting_for_you : Phase::executing, .mode = mode};
}

void BoardTracker::fails(int code) {
    now_ = {.phase = Phase::failed, .mode = now_.mode, .error = code};
}

void BoardTracker::on_console_event(const ConsoleEvent& news) {
    if (std::holds_alternative<LoginPrompt>(news)) {
        if (now_.phase == Phase::normal_boot) now_.phase = Phase::running;
    } else if (std::holds_alternative<RescueChosen>(news)) {
        // The button was released between the boot loader's last sample and the moment when the LED went off.
        if (now_.phase == Phase::normal_boot) now_.phase = Phase::entering_rescue;
    } else if (!is_in_rescue()) {
        return;
    } else if (const auto* started = std::get_if<ModeStarts>(&news)) {
        executes(started->mode);
    } else if (const auto* error = std::get_if<ErrorShown>(&news)) {
        fails(error->code);
    } else if (std::holds_alternative<TriesAgain>(news)) {
        executes(now_.mode);
    }
}

ButtonUse BoardTracker::button_use(const Reading& reading) const {
    if (held_since_start_ && reading.until <= first_release_) return ButtonUse::held;
    const bool pressed = std::ranges::any_of(
        presses_, [&](Clock::time_point at) { return at >= reading.from && at <= reading.until; });
    return pressed ? ButtonUse::pressed : ButtonUse::released;
}

}  // namespace mox::virtual_mox::panel
