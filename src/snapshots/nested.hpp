#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

// Subvolumes inside a subvolume: what LXC, Docker and users make. No snapshot, export or rollback takes them
// along; they live in the one subvolume in which they were made, and an empty directory stands for them in
// copies of it.

/// Their paths in the subvolume `name` at the top level, outer ones first, those inside nested ones too,
/// escaped for display. Errors: `card`.
[[nodiscard]] Expected<std::vector<std::string>> nested_names(const TopLevel& top, const std::string& name);

/// "a subvolume of its own (srv)", "3 subvolumes of their own (a, a/b, c)"; of many only the first are named.
/// Precondition: `names` is not empty. Pure.
[[nodiscard]] std::string nested_text(const std::vector<std::string>& names);

}  // namespace mox::snapshots
