#pragma once

#include <expected>

#include "snapshots/entry_state.hpp"

namespace mox::snapshots {

/// Compares names and values of all extended attributes, ACLs and file capabilities among them. For entries
/// of any type. Errors as `errno` has them.
[[nodiscard]] std::expected<bool, int> same_xattrs(const EntryPair& pair);

}  // namespace mox::snapshots
