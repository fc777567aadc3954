#pragma once

#include <optional>
#include <string>
#include <vector>

#include "boot/environment.hpp"
#include "boot/kernel_command_line.hpp"
#include "boot/mode.hpp"

namespace mox::rescue {

/// Where a value comes from.
enum class Source { kernel_command_line, boot_environment };

/// What was decided before the person has a say.
struct Start {
    boot::Mode first = boot::Mode::reboot;           ///< announced first
    std::optional<boot::Mode> forced;                ///< executed without any selection
    Source forced_by = Source::kernel_command_line;  ///< says something only with `forced`
    bool dont_reboot = false;                        ///< the system stays up when the mode is done
    std::vector<std::string> warnings = {};          ///< values that could not be used, for the log
};

/// Reads how to start: each value from the kernel command line, else from the boot environment. Pure but for
/// reading the two.
///
/// - `rescue_mode=N`: the mode that is announced first, 0-based (a Turris Shield has 2 and starts at mode 3).
///   Anything but 0 to 6 means mode 1.
/// - `force_mode=N`, 1-based: skips the selection. Anything but 1 to 7 is ignored.
/// - `dont_reboot`, on the kernel command line only (`dont_reboot=0` takes it back).
[[nodiscard]] Start read_start(const boot::KernelCommandLine& command_line,
                               const boot::Environment& environment);

}  // namespace mox::rescue
