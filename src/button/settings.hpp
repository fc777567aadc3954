#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "button/press_classifier.hpp"
#include "config/uci_file.hpp"

namespace mox::button {

enum class LongPress {
    reset,          ///< as on a MOX
    factory_reset,  ///< as on a Turris Shield: back to the factory snapshot first
};

/// How the button of the running router works.
struct Settings {
    Thresholds thresholds{};
    /// The system's own way to reboot: program and arguments, never given to a shell.
    std::vector<std::string> reboot_command{"reboot"};
    LongPress long_press = LongPress::reset;
    /// Somebody else takes care of the button: we keep our hands off.
    bool handled_by_hand = false;

    bool operator==(const Settings&) const = default;
};

struct ReadSettings {
    Settings settings;
    /// For people: "line 3: ...": what was not understood and left at its default.
    std::vector<std::string> trouble;
};

/// Reads lines `NAME = VALUE`; `#` begins a comment line. Never fails: a mistake must not leave the router
/// without its button. Names: see mox-button(8).
[[nodiscard]] ReadSettings read_settings(std::string_view text);

/// Turris OS' `system.@system[0].handle_mox_button_manually`: the same as `handled_by_hand`.
[[nodiscard]] bool handled_by_hand(const config::UciFile& system);

/// /etc/mox-button.conf and /etc/config/system below `root`. A file that does not exist says nothing; one
/// that cannot be read is trouble.
[[nodiscard]] ReadSettings load_settings(const std::filesystem::path& root);

}  // namespace mox::button
