#include "panel/server/guide.hpp"

#include <array>
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

std::string hint_after_failure(const Situation& now) {
    return std::string(help_for(now.error).remedy) + " A press reboots.";
}

std::string hint_in_normal_boot(const BoardState& board) {
    if (!board.card.in)
        return "There is no card in the slot, so there is nothing to boot. Pull the plug and put one in.";
    return "The system on the card starts; wait for the login. If it does not come: pull the plug, hold the "
           "button, and plug in again.";
}

}  // namespace

std::string meaning_of(const BoardState& board) {
    const auto& now = board.situation;
    switch (now.phase) {
        case Phase::off:
            return "the router is off";
        case Phase::boot_loader:
            return board.button_down ? "looks whether the button is held" : "is starting";
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
        case Phase::normal_boot:
            return "normal boot: the system on the card starts";
        case Phase::running:
            return "the installed system is running";
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
        case Phase::running:
            return "Log in as root on the serial console. A short press reboots; held for 4 seconds the "
                   "button resets "
                   "at once.";
    }
    return "";
}

PortLeds port_leds(const BoardState& board) {
    if (!board.power) return PortLeds::off;
    if (board.situation.phase == Phase::entering_rescue) return PortLeds::blinking;
    return board.cable ? PortLeds::link : PortLeds::off;
}

}  // namespace mox::virtual_mox::panel
