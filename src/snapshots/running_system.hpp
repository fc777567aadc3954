#pragma once

#include <string>

#include "base/error.hpp"

namespace mox::snapshots {

/// Whether a subvolume in an open directory is the root ("/") of the running system. After a rollback, until
/// the reboot, that is the newest snapshot. False when "/" is not on btrfs. Errors: `card`.
[[nodiscard]] Expected<bool> is_running_system(int directory, const std::string& name);

}  // namespace mox::snapshots
