#pragma once

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

}  // namespace mox::snapshots
