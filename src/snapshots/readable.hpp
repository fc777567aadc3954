#pragma once

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Reads the names, attributes and links of a whole snapshot, and the files in its boot/: a router must not
/// be rolled back to one that the card has lost a part of. Reads no other content, which would take minutes.
/// Errors (`snapshot`): names the file that does not read, and what else there is.
[[nodiscard]] Expected<void> require_readable(const TopLevel& top, const Target& target);

}  // namespace mox::snapshots
