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
    /// The system's command to reboot: program and arguments, started without a shell.
    std::vector<std::string> reboot_command{"reboot"};
    LongPress long_press = LongPress::reset;
    /// Another program handles the button: this one does nothing.
    bool handled_by_hand = false;

    bool operator==(const Settings&) const = default;
};

struct ReadSettings {
    Settings settings;
    /// "line 3: ...": settings that were not understood and keep their default.
    std::vector<std::string> warnings;
};

/// Reads lines `NAME = VALUE`; `#` begins a comment line. Never fails: after a mistake the button must still
/// work. Names: see mox-button(8).
[[nodiscard]] ReadSettings read_settings(std::string_view text);

/// Turris OS' `system.@system[0].handle_mox_button_manually`: the same as `handled_by_hand`.
[[nodiscard]] bool handled_by_hand(const config::UciFile& system);

/// /etc/mox-button.conf and /etc/config/system below `root`. A file that does not exist is ignored; a file
/// that cannot be read adds a warning.
[[nodiscard]] ReadSettings load_settings(const std::filesystem::path& root);

}  // namespace mox::button
