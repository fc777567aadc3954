#include "cli/mox_rescue/confirmation.hpp"

#include <string>
#include <string_view>

#include "cli/question.hpp"

namespace mox::cli {

namespace {

using boot::Mode;

/// What the user must confirm.
std::string_view consequence_of(Mode mode) {
    return mode == Mode::reboot ? "this reboots the machine at once"
                                : "this erases all settings and all data on the card";
}

}  // namespace

bool must_be_confirmed(Mode mode) {
    return mode == Mode::reboot || mode == Mode::reflash_from_drive || mode == Mode::flash_from_internet;
}

Expected<void> require_terminal_for(Mode mode) {
    return require_terminal(consequence_of(mode));
}

Expected<void> confirm_reboot(console::Console& console) {
    console.print(consequence_of(Mode::reboot));
    return ask_for_yes(console);
}

Expected<void> confirm_erasing(console::Console& console, const update::EraseQuestion& question) {
    console.unpin();
    console.print(std::string(consequence_of(Mode::reflash_from_drive)) + ":");
    console.print("  card:       " + question.card);
    console.print("  new system: " + question.medkit);
    return ask_for_yes(console);
}

}  // namespace mox::cli
