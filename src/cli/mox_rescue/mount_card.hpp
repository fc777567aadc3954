#pragma once

#include "cli/mox_rescue/options.hpp"

namespace mox::cli {

/// Mounts the card's system so that the user can work on it, and prints what was done and how to end it.
/// Returns the exit status.
[[nodiscard]] int mount_card(const RescueOptions& options, const MountCard& command);

}  // namespace mox::cli
