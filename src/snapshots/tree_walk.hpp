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

/// Names in a directory of one tree; empty when the directory does not exist or its content does not belong
/// to the tree (is_boundary). Errors: errno values.
[[nodiscard]] std::expected<std::set<std::string>, int> names_in(const ComparedTree& tree,
                                                                 const std::string& directory);

/// The names in an open directory, in no order, without "." and "..". Errors: `card`.
[[nodiscard]] Expected<std::vector<std::string>> names_in(int directory);

/// Message why `name` is not a readable subvolume; empty: it is one. nullopt: there is no such entry. Links
/// are not followed.
[[nodiscard]] std::optional<std::string> damage_of(int directory, const std::string& name);

}  // namespace mox::snapshots
