#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "selection/mode.hpp"

namespace mox::modes {

// While the card holds no system (it is being formatted), the boot loader must come back to the rescue system
// by itself. The marker is two variables of the boot environment: `boot_targets=rescue` (what the boot loader
// sets itself when the button is held) and `force_mode=N`, which skips the selection. The boot targets that
// were there before wait in `rescue_boot_targets`. `rescue_disk` tells on which disk, when root_uuid had
// chosen it: the file system with that UUID is gone by then.
//
// A mode that is forced so is counted in `force_tries` before it runs. After the third try the person has the
// choice again: what failed three times is not tried for ever.

inline constexpr int most_forced_tries = 3;

/// The disk that is formatted under the marker, by storage::identity.
inline constexpr std::string_view formatted_disk = "rescue_disk";

/// Sets the marker; a marker that is already there is kept. `disk`: empty unless root_uuid chose it. Errors:
/// `internal`.
[[nodiscard]] Expected<void> mark_for_restart(boot::Environment& environment, selection::Mode mode,
                                              const std::string& disk);

enum class ForcedTry { allowed, used_up };

/// Counts a try that the boot environment forces, before it begins. Nothing is written when the tries are
/// used up. Errors (`internal`): it cannot be counted, so it must not be tried.
[[nodiscard]] Expected<ForcedTry> count_forced_try(boot::Environment& environment);

/// `variables` as they were before the marker was set: what a mode leaves behind that has ended well. Pure.
[[nodiscard]] boot::Variables without_marker(boot::Variables variables);

}  // namespace mox::modes
