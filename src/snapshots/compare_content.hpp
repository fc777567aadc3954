#pragma once

#include <sys/stat.h>

#include <expected>

#include "snapshots/entry_state.hpp"

namespace mox::snapshots {

/// Compares the content of two regular files: by size, by their extents where both are on the same btrfs
/// (equal extents are the same blocks), and last by reading both. Errors as `errno` has them.
[[nodiscard]] std::expected<bool, int> same_content(const ComparedTrees& trees, const EntryPair& pair,
                                                    const struct stat& left, const struct stat& right);

}  // namespace mox::snapshots
