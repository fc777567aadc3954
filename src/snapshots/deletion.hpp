#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Deletes snapshot `number` and its info file; on a full card in place (changes.cpp describes the effect of
/// a power cut), and without quota limits when one is reached. When the card is nearly full, the freed space
/// is available on return. Otherwise not synced. Precondition: the caller holds the lock, and has checked
/// that the snapshot may be deleted. Errors (`card`): also when it is mounted.
[[nodiscard]] Expected<void> delete_subvolume_and_info(const TopLevel& top, Number number);

// Subvolumes inside a subvolume: LXC, Docker and users make them. Snapshots, exports and rollbacks do not
// include them: they stay in the subvolume in which they were made, and its copies have empty directories in
// their places.

/// The paths of all subvolumes inside the subvolume `name` at the top level, outer ones first, escaped for
/// display. Errors: `card`.
[[nodiscard]] Expected<std::vector<std::string>> nested_names(const TopLevel& top, const std::string& name);

/// "a subvolume of its own (srv)", "3 subvolumes of their own (a, a/b, c)"; of many only the first are named.
/// Precondition: `names` is not empty. Pure.
[[nodiscard]] std::string nested_text(const std::vector<std::string>& names);

}  // namespace mox::snapshots
