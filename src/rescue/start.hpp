#pragma once

#include <optional>
#include <string>
#include <vector>

#include "boot/environment.hpp"
#include "boot/kernel_command_line.hpp"
#include "boot/mode.hpp"

namespace mox::rescue {

/// The source of a value.
enum class Source { kernel_command_line, boot_environment };

/// Settings that are read before the selection.
struct Start {
    boot::Mode first = boot::Mode::reboot;           ///< announced first
    std::optional<boot::Mode> forced;                ///< executed without a selection
    Source forced_by = Source::kernel_command_line;  ///< valid only with `forced`
    bool dont_reboot = false;                        ///< the system stays up when the mode is done
    std::vector<std::string> warnings = {};          ///< about invalid values, for the log
};

/// Reads the settings: each value from the kernel command line, else from the boot environment. Pure, except
/// that it reads these two.
///
/// - `rescue_mode=N`: the mode that is announced first, 0-based (a Turris Shield has 2 and starts at mode
///   3). Any other value than 0 to 6 means mode 1.
/// - `force_mode=N`, 1-based: skips the selection. Any other value than 1 to 7 is ignored.
/// - `dont_reboot`, on the kernel command line only (`dont_reboot=0` switches it off).
[[nodiscard]] Start read_start(const boot::KernelCommandLine& command_line,
                               const boot::Environment& environment);

}  // namespace mox::rescue
