#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

enum class QuotaState {
    off,
    counting,  ///< just switched on, or out of step: the sizes are not right yet
    on,
};

/// Errors (`card`).
[[nodiscard]] Expected<QuotaState> quota_state(const TopLevel& top);

enum class QuotaSwitch { on, off };

/// Switches the counting of space on or off; already so is fine. It costs time at every later deletion: only
/// when the user asks. Precondition: `top` was opened with Purpose::change. Errors (`card`).
[[nodiscard]] Expected<void> switch_quota(const TopLevel& top, QuotaSwitch to);

/// What a snapshot takes.
struct SnapshotSize {
    Bytes referenced;  ///< all that can be read in it
    Bytes exclusive;   ///< what its deletion would free: the "Size" of the list
};

/// By number; empty when quotas are off. Errors (`card`).
[[nodiscard]] Expected<std::map<Number, SnapshotSize>> snapshot_sizes(const TopLevel& top);

/// "16.00KiB": as the Size column has always shown it.
[[nodiscard]] std::string size_text(Bytes size);

}  // namespace mox::snapshots
