#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace mox::boot {

// reboot(2) stops the watchdog of the Armada 3720 before it resets, and old firmware is known to hang in the
// reset: the router would stay dark until it is unplugged. The kernel's sysrq `b` resets as well and
// leaves the watchdog armed, which then does what the firmware has not done.
//
// `sysrq_trigger` is the file for that, /proc/sysrq-trigger (Description::sysrq_trigger). Empty, and where
// the kernel does not know it: reboot(2). Never given on a PC.

/// Syncs all file systems and resets the machine. Nothing is unmounted and no service is stopped: only the
/// rescue system itself may do so, and only its program calls it.
/// Returns only if it fails (`internal`): not permitted.
[[nodiscard]] Expected<void> reboot_now(const std::filesystem::path& sysrq_trigger);

/// Resets the machine at once: no service is stopped and nothing is written that is not on the card yet.
/// Returns only if it fails (`internal`): not permitted.
[[nodiscard]] Expected<void> reset_now(const std::filesystem::path& sysrq_trigger);

}  // namespace mox::boot
