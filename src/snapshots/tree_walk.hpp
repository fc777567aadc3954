#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/compare.hpp"
#include "snapshots/compare_candidates.hpp"
#include "snapshots/entry_state.hpp"

namespace mox::snapshots {

/// Compares the candidates on both sides with several threads; `whole` ones with everything below them.
/// Sorted by path. Precondition: no candidate lies within another `whole` one.
/// Errors (`snapshot`): no memory or descriptors left; a candidate cannot be looked up.
[[nodiscard]] Expected<std::vector<Change>> compare_candidates(const ComparedTrees& trees,
                                                               const Candidates& candidates,
                                                               unsigned threads);

/// Names in a directory of one tree; none when there is no such directory, or its content is not the tree's
/// (is_boundary). Errors as `errno` has them.
[[nodiscard]] std::expected<std::set<std::string>, int> names_in(const ComparedTree& tree,
                                                                 const std::string& directory);

/// The names in an open directory, in no order, without "." and "..". Errors: `card`.
[[nodiscard]] Expected<std::vector<std::string>> names_in(int directory);

/// Why `name` is no subvolume that can be read, for people; empty: it is one. None: there is no such entry.
/// Nothing is followed.
[[nodiscard]] std::optional<std::string> damage_of(int directory, const std::string& name);

}  // namespace mox::snapshots
