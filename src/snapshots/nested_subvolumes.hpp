#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::snapshots {

/// Paths of the subvolumes inside a subvolume, relative to it. Errors: `card`.
[[nodiscard]] Expected<std::vector<std::string>> nested_subvolumes(int directory, const std::string& name);

}  // namespace mox::snapshots
