#pragma once

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "selection/mode.hpp"

namespace mox::modes {

// While the card holds no system (it is being formatted), the boot loader must come back to the rescue system
// by itself. The marker is two variables of the boot environment: `boot_targets=rescue` (what the boot loader
// sets itself when the button is held) and `force_mode=N`, which skips the selection. The boot targets that
// were there before wait in `rescue_boot_targets`.

/// Sets the marker; a marker that is already there is kept. Errors: `internal`.
[[nodiscard]] Expected<void> mark_for_restart(boot::Environment& environment, selection::Mode mode);

/// Takes the marker away again, if it is there. Errors: `internal`.
[[nodiscard]] Expected<void> clear_restart_marker(boot::Environment& environment);

}  // namespace mox::modes
