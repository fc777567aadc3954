#include "modes/mode_table.hpp"

#include <array>

#include "modes/internet.hpp"
#include "modes/reboot.hpp"
#include "modes/reflash.hpp"
#include "modes/rollback.hpp"
#include "modes/shell.hpp"
#include "modes/ssh.hpp"

namespace mox::modes {

std::span<const ModeEntry> mode_table() {
    using selection::Mode;
    static constexpr std::array entries{
        ModeEntry{Mode::reboot, &run_reboot, PressWhileRunning::ignored},
        ModeEntry{Mode::rollback, &roll_back_to_latest, PressWhileRunning::ignored},
        ModeEntry{Mode::factory_reset, &roll_back_to_factory, PressWhileRunning::ignored},
        ModeEntry{Mode::reflash_from_drive, &reflash_from_drive, PressWhileRunning::ignored,
                  NewDrive::tries_again},
        ModeEntry{Mode::unsecured_ssh, &unsecured_ssh, PressWhileRunning::ignored, NewDrive::ignored,
                  LedWhileRunning::lit},
        ModeEntry{Mode::flash_from_internet, &flash_from_internet, PressWhileRunning::ignored},
        ModeEntry{Mode::rescue_shell, &rescue_shell, PressWhileRunning::reboots, NewDrive::ignored,
                  LedWhileRunning::lit},
    };
    return entries;
}

}  // namespace mox::modes
