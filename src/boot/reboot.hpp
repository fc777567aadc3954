#pragma once

#include "base/error.hpp"

namespace mox::boot {

/// Syncs all file systems and resets the machine. Nothing is unmounted and no service is stopped: only the
/// rescue system itself may do so, and only its program calls it.
/// Returns only if it fails (`internal`): not permitted.
[[nodiscard]] Expected<void> reboot_now();

/// Resets the machine at once: no service is stopped and nothing is written that is not on the card yet.
/// Returns only if it fails (`internal`): not permitted.
[[nodiscard]] Expected<void> reset_now();

}  // namespace mox::boot
