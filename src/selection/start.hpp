#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boot/kernel_command_line.hpp"
#include "selection/mode.hpp"

namespace mox::selection {

/// What was decided before the person has a say.
struct Start {
    Mode first = Mode::reboot;              ///< announced first
    std::optional<Mode> forced;             ///< executed without any selection
    bool dont_reboot = false;               ///< the system stays up when the mode is done
    std::vector<std::string> remarks = {};  ///< values that could not be used, for the log
};

/// Reads how to start. Pure.
///
/// - `rescue_mode=N` of the kernel command line, else the boot environment's variable `rescue_mode`: the mode
///   that is announced first, 0-based (a Turris Shield has 2 and starts at mode 3). Anything but 0 to 6
///   means mode 1.
/// - `force_mode=N` of the kernel command line, 1-based: skips the selection. Anything but 1 to 7 is ignored.
/// - `dont_reboot` of the kernel command line (`dont_reboot=0` takes it back).
[[nodiscard]] Start read_start(const boot::KernelCommandLine& command_line,
                               const std::optional<std::string>& rescue_mode_in_environment);

}  // namespace mox::selection
