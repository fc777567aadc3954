#pragma once

#include <expected>
#include <set>
#include <string>

#include "snapshots/entry_state.hpp"

namespace mox::snapshots {

/// Names in a directory of one tree; none when there is no such directory, or its content is not the tree's
/// (is_boundary). Errors as `errno` has them.
[[nodiscard]] std::expected<std::set<std::string>, int> names_in(const ComparedTree& tree,
                                                                 const std::string& directory);

}  // namespace mox::snapshots
