#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mox::modes {

// The names that an installation uses at the card's top level, and how an interrupted one is put right.

inline constexpr std::string_view root_name = "@";
inline constexpr std::string_view factory_name = "@factory";
inline constexpr std::string_view new_root_name = "@reflash.new";  ///< after the switch: the old root
inline constexpr std::string_view new_factory_name =
    "@reflash.factory";                                               ///< after the switch: the old factory
inline constexpr std::string_view erase_list_name = "reflash.erase";  ///< what the installation replaces

/// Numbers of the subvolumes that an installation will erase: all that were there before it. btrfs never uses
/// a number twice, so this holds whatever happens to their names, and it tells whether the switch has
/// happened: as long as `@` is in the list it has not.
using EraseList = std::set<std::uint64_t>;

/// One number a line.
[[nodiscard]] std::string format_erase_list(const EraseList& list);
/// Lines that are no number are passed over: to erase less is always safe.
[[nodiscard]] EraseList parse_erase_list(std::string_view text);

/// Writes down what is on the card now, but for `@reflash.*`. Not synced. Errors: `card`.
[[nodiscard]] Expected<void> write_erase_list(int top);

/// Makes `@factory` what `@reflash.factory` is, in one atomic step; an old `@factory` takes the other name.
[[nodiscard]] Expected<void> publish_factory(int top);

/// Deletes the subvolumes of the erase list with the N.info files that belonged to them, the old root last,
/// and then the list itself. What came later (snapshots that the new system made) stays. Errors: `card`.
[[nodiscard]] Expected<void> erase_old_systems(int top);

enum class Interruption { none, undone, finished };

/// Completes an installation that was cut off after the switch, undoes one that was cut off before it.
/// Errors: `card`.
[[nodiscard]] Expected<Interruption> finish_or_undo_interrupted_installation(int top);

}  // namespace mox::modes
