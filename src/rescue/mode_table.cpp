#include "rescue/mode_table.hpp"

#include <array>

#include "rescue/modes/flash_from_internet.hpp"
#include "rescue/modes/reboot.hpp"
#include "rescue/modes/reflash.hpp"
#include "rescue/modes/rescue_shell.hpp"
#include "rescue/modes/rollback.hpp"
#include "rescue/modes/unsecured_ssh.hpp"

namespace mox::rescue {

std::span<const ModeEntry> mode_table() {
    using boot::Mode;
    static constexpr std::array entries{
        ModeEntry{boot::Mode::reboot, &run_reboot, PressWhileRunning::ignored},
        ModeEntry{boot::Mode::rollback, &roll_back_to_latest, PressWhileRunning::ignored},
        ModeEntry{boot::Mode::factory_reset, &roll_back_to_factory, PressWhileRunning::ignored},
        ModeEntry{boot::Mode::reflash_from_drive, &reflash_from_drive, PressWhileRunning::ignored,
                  NewDrive::tries_again},
        ModeEntry{boot::Mode::unsecured_ssh, &unsecured_ssh, PressWhileRunning::ignored, NewDrive::ignored,
                  LedWhileRunning::lit},
        ModeEntry{boot::Mode::flash_from_internet, &flash_from_internet, PressWhileRunning::ignored},
        ModeEntry{boot::Mode::rescue_shell, &rescue_shell, PressWhileRunning::reboots, NewDrive::ignored,
                  LedWhileRunning::lit},
    };
    return entries;
}

}  // namespace mox::rescue
