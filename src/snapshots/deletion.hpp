#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Deletes snapshot `number` and its info file; on a full card in place (changes.cpp tells what a power cut
/// leaves), and with the limits of quota groups lifted when one is reached. When the card is nearly full, the
/// space is free again on return. Not synced otherwise. Precondition: the caller holds the lock, and knows
/// that the snapshot may go. Errors (`card`).
[[nodiscard]] Expected<void> delete_subvolume_and_info(const TopLevel& top, Number number);

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
