#pragma once

#include <map>
#include <string>

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "modes/mode_context.hpp"

namespace mox::modes {

/// What a reset of the boot environment carries over: the contract the router is under, the mode that
/// rescue announces first, where it boots from, on which disk its root is, and whose medkits it takes.
[[nodiscard]] bool is_carried_over(std::string_view variable);

/// Pure: what to change so that `present` becomes `defaults`, but for the variables that are carried over.
[[nodiscard]] boot::EnvironmentChanges changes_to_defaults(const boot::Variables& present,
                                                           const boot::Variables& defaults);

/// Resets the boot environment to the board's defaults, in one write. A board whose defaults are not known,
/// or cannot be read, keeps its environment, and the log says so: an environment with a good checksum and no
/// boot command would leave the router dead. Errors (`internal`): it cannot be written.
[[nodiscard]] Expected<void> reset_environment(ModeContext& context);

}  // namespace mox::modes
