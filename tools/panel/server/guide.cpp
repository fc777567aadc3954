#include "panel/server/guide.hpp"

#include <array>
#include <cctype>
#include <string_view>

#include "boot/mode.hpp"

namespace mox::virtual_mox::panel {

namespace {

using boot::Mode;

/// "mode 4: re-flash router", or "mode 4 again: re-flash router".
std::string titled(int number, std::string_view again = "") {
    const auto mode = boot::mode_from_number(number);
    if (!mode) return "a mode";
    return "mode " + std::to_string(number) + std::string(again) + ": " + std::string(boot::title_of(*mode));
}

std::string next_of(int number) {
    return "mode " + std::to_string(number % boot::mode_count + 1);
}

/// The error codes of the manual: what failed, and what to do.
struct ErrorHelp {
    std::string_view what;
    std::string_view remedy;
};

ErrorHelp help_for(int code) {
    constexpr std::array<ErrorHelp, 5> help_texts{
        ErrorHelp{"network", "Check the cable and the internet connection."},
        ErrorHelp{"no valid medkit", "Try another stick: plug it in and it is tried."},
        ErrorHelp{"the card", "Is it in its slot? If it fails again try another card."},
        ErrorHelp{
            "snapshots",
            "There is none to go back to: without a snapshot try mode 3, without a factory state mode 4."},
        ErrorHelp{"something else", "The reason is on the serial console."}};
    if (code < 1 || code > static_cast<int>(help_texts.size())) return {"unknown", "See the serial console."};
    return help_texts.at(static_cast<std::size_t>(code - 1));
}

std::string meaning_of_selection(const Situation& now) {
    if (now.repetition == 0) return "moves on to " + titled(now.mode);
    if (now.repetition == 1) return "announces " + titled(now.mode);
    return "announces " + titled(now.mode, " again");
}

std::string hint_without_power(const BoardState& board) {
    if (board.button_down)
        return "Keep the button pressed and plug in the power adapter: the rescue system starts.";
    return "Hold the button and plug in the power adapter for the rescue system; plug it in without the "
           "button "
           "for a normal boot.";
}

std::string hint_in_selection(const BoardState& board) {
    const auto& now = board.situation;
    if (board.button_down) return "Let go of the button: one press is one mode.";
    if (now.repetition == 0) return "Count the blinks.";
    if (now.repetition == 1)
        return "Press to move on to " + next_of(now.mode) +
               "; do nothing and the announcement is repeated once before it runs.";
    return "Last warning: press to move on to " + next_of(now.mode) + "; do nothing and mode " +
           std::to_string(now.mode) + " runs in three seconds.";
}

std::string hint_while_somebody_works(int mode) {
    if (mode == number_of(Mode::unsecured_ssh))
        return "Give your computer the address 192.168.1.2/24 and log in with ssh root@192.168.1.1, without "
               "a "
               "password. When you are done: reboot.";
    return "A root shell is open on the serial console. When you are done: reboot, or press the button.";
}

/// "check the cable" becomes "Check the cable."
std::string sentence(std::string text) {
    if (text.empty()) return text;
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    if (text.back() != '.') text += '.';
    return text;
}

/// The console knows more than the code.
std::string hint_after_failure(const Situation& now) {
    const auto general = std::string(help_for(now.error).remedy);
    if (now.advice.empty()) return general + " A press reboots.";
    return sentence(now.advice) + " A press reboots.";
}

std::string hint_at_prompt(const BoardState& board) {
    if (!board.card.in) return "There is no card in the slot. Pull the plug, put one in, and plug in again.";
    return "It found no system that it could start, or a key has stopped it. Pull the plug, hold the button, "
           "and "
           "plug in again for the rescue system; or type boot on the serial console.";
}

std::string hint_in_running_system(const BoardState& board) {
    if (!board.card.in) return "It cannot go on for long. Pull the plug, put the card in, and plug in again.";
    return "Log in as root on the serial console. A short press reboots; held for 4 seconds the button "
           "resets "
           "at once.";
}

std::string meaning_of_end(const Situation& now) {
    if (now.mode == 0) return "the router reboots";
    return "has done " + titled(now.mode) + "; the router reboots";
}

std::string meaning_in_normal_boot(const BoardState& board) {
    if (!board.card.in) return "normal boot, but there is no card in the slot";
    return "normal boot: the system on the card starts";
}

std::string meaning_in_running_system(const BoardState& board) {
    if (!board.card.in) return "the installed system has lost its card";
    return "the installed system is running";
}

std::string hint_in_normal_boot(const BoardState& board) {
    if (!board.card.in)
        return "There is no card in the slot, so there is nothing to boot. Pull the plug and put one in.";
    return "The system on the card starts; wait for the login. If it does not come: pull the plug, hold the "
           "button, and plug in again.";
}

}  // namespace

std::string doing_of(const BoardState& board) {
    const auto& now = board.situation;
    const auto mode = "mode " + std::to_string(now.mode);
    switch (now.phase) {
        case Phase::off:
            return "no power";
        case Phase::boot_loader:
            return "the boot loader looks at the button";
        case Phase::boot_prompt:
            return "at the boot loader's prompt";
        case Phase::entering_rescue:
            return "entering rescue mode";
        case Phase::starting_rescue:
            return "starting the rescue system";
        case Phase::selecting:
            return "choosing a mode";
        case Phase::executing:
            return mode + " is running";
        case Phase::waiting_for_you:
            return "waiting for you";
        case Phase::failed:
            return "failed with code " + std::to_string(now.error);
        case Phase::rebooting:
            return "rebooting";
        case Phase::normal_boot:
            return board.card.in ? "booting normally" : "booting without a card";
        case Phase::running:
            return board.card.in ? "the router is running" : "the card was pulled";
        case Phase::crashed:
            return "crashed";
    }
    return "";
}

std::string meaning_of(const BoardState& board) {
    const auto& now = board.situation;
    switch (now.phase) {
        case Phase::off:
            return "the router is off";
        case Phase::boot_loader:
            return board.button_down ? "looks whether the button is held" : "is starting";
        case Phase::boot_prompt:
            return "no system was started: the boot loader waits at its prompt";
        case Phase::entering_rescue:
            return "is starting the kernel of the rescue system";
        case Phase::starting_rescue:
            return "rescue system started: prepare for announcements";
        case Phase::selecting:
            return meaning_of_selection(now);
        case Phase::executing:
            return "executes " + titled(now.mode);
        case Phase::waiting_for_you:
            return "executes " + titled(now.mode) + ", and waits for you";
        case Phase::failed:
            return "failed with error " + std::to_string(now.error) + ": " +
                   std::string(help_for(now.error).what);
        case Phase::rebooting:
            return meaning_of_end(now);
        case Phase::normal_boot:
            return meaning_in_normal_boot(board);
        case Phase::running:
            return meaning_in_running_system(board);
        case Phase::crashed:
            return "the kernel has crashed";
    }
    return "";
}

std::string hint_for(const BoardState& board) {
    const auto& now = board.situation;
    switch (now.phase) {
        case Phase::off:
            return hint_without_power(board);
        case Phase::boot_loader:
            if (board.button_down) return "Hold the button until the LED goes off, about a second.";
            return "The LED goes on in a moment.";
        case Phase::boot_prompt:
            return hint_at_prompt(board);
        case Phase::entering_rescue:
            if (board.button_down) return "You can let go of the button now.";
            return "The LED goes on again when the rescue system has started.";
        case Phase::starting_rescue:
            if (board.button_down) return "Let go of the button: only a press after a release counts.";
            return "Count the blinks: they are the number of the mode.";
        case Phase::selecting:
            return hint_in_selection(board);
        case Phase::executing:
            if (now.mode == number_of(Mode::reboot)) return "The router reboots.";
            return "Do not unplug the router while the LED blinks slowly. It reboots by itself.";
        case Phase::waiting_for_you:
            return hint_while_somebody_works(now.mode);
        case Phase::failed:
            return hint_after_failure(now);
        case Phase::normal_boot:
            return hint_in_normal_boot(board);
        case Phase::rebooting:
            return "Wait until it has started again.";
        case Phase::running:
            return hint_in_running_system(board);
        case Phase::crashed:
            return "The reason is on the serial console. Pull the plug, hold the button, and plug in again "
                   "for the "
                   "rescue system.";
    }
    return "";
}

PortLeds port_leds(const BoardState& board) {
    if (!board.power) return PortLeds::off;
    if (board.situation.phase == Phase::entering_rescue) return PortLeds::blinking;
    return board.cable ? PortLeds::link : PortLeds::off;
}

}  // namespace mox::virtual_mox::panel
