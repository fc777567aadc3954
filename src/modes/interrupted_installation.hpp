#pragma once

#include <string_view>

#include "base/error.hpp"

namespace mox::modes {

// The names that an installation uses at the card's top level, and how an interrupted one is put right.

inline constexpr std::string_view root_name = "@";
inline constexpr std::string_view factory_name = "@factory";
inline constexpr std::string_view new_root_name = "@reflash.new";  ///< after the switch: the old root
inline constexpr std::string_view new_factory_name =
    "@reflash.factory";  ///< after the switch: the old factory

/// Makes `@factory` what `@reflash.factory` is, in one atomic step; an old `@factory` takes the other name.
[[nodiscard]] Expected<void> publish_factory(int top);

/// Deletes every subvolume at the top level that is older than `@`, the N.info files that belonged to them,
/// and last of all the old root in `@reflash.new`. What came later (snapshots that the new system made)
/// stays.
[[nodiscard]] Expected<void> erase_old_systems(int top);

enum class Interruption { none, undone, finished };

/// Completes an installation that was cut off after the switch, undoes one that was cut off before it.
/// Whether the switch has happened is told by the factory snapshot: it was made of the new root, so the
/// switch is behind us exactly when `@` is its parent. Errors: `card`.
[[nodiscard]] Expected<Interruption> finish_or_undo_interrupted_installation(int top);

}  // namespace mox::modes
