#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace mox::boot {

// reboot(2) stops the watchdog of the Armada 3720 before it resets, and old firmware is known to hang in the
// reset: the router would stay dark until it is unplugged. The kernel's sysrq `b` resets too, but leaves the
// watchdog armed, which then resets the router if the firmware hangs.
//
// `sysrq_trigger` is the file for that, /proc/sysrq-trigger (Description::sysrq_trigger). When it is empty or
// the kernel does not have it, reboot(2) is used. It is always empty on a PC.

/// Syncs all file systems and resets the machine. It does not unmount file systems or stop services. Only the
/// program of the rescue system may call it. Returns only if it fails (`internal`): not permitted.
[[nodiscard]] Expected<void> reboot_now(const std::filesystem::path& sysrq_trigger);

/// Resets the machine at once: it does not stop services, and data that is not on the card yet is lost.
/// Returns only if it fails (`internal`): not permitted.
[[nodiscard]] Expected<void> reset_now(const std::filesystem::path& sysrq_trigger);

}  // namespace mox::boot
