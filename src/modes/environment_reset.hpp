#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "modes/mode_context.hpp"

namespace mox::modes {

/// What a reset of the boot environment carries over: the contract the router is under, the mode that
/// rescue announces first, where it boots from, on which disk its root is, and whose medkits it takes.
[[nodiscard]] bool is_carried_over(std::string_view variable);

/// Pure: `defaults`, with what is carried over of `present`.
[[nodiscard]] boot::Variables at_defaults(const boot::Variables& present, boot::Variables defaults);

/// Pure: what to change so that `present` becomes `wanted`.
[[nodiscard]] boot::EnvironmentChanges changes_between(const boot::Variables& present,
                                                       const boot::Variables& wanted);

enum class EnvironmentReset { none, to_defaults };

/// What a mode leaves in the boot environment when a complete system is on the card, in one write: no restart
/// marker; the board's defaults, if they are to be restored; and `root_uuid` (if the variable is there, and
/// the argument is not empty), the file system of the new system.
///
/// A board whose defaults are not known, or cannot be read, keeps its variables, and the log says so: an
/// environment with a good checksum and no boot command would leave the router dead.
/// Errors (`internal`): it cannot be written.
[[nodiscard]] Expected<void> settle_environment(ModeContext& context, EnvironmentReset reset,
                                                const std::string& root_uuid = {});

}  // namespace mox::modes
