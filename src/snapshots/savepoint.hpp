#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/hooks.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

// A savepoint: "I am about to do something that may lock me out. Unless I say `commit` within N minutes, go
// back to how it is now." It is a snapshot of type save and a small file, savepoint.info, at the top level.
//
// It survives a reboot, and a person who pulls the plug because nothing answers any more: the wall clock of a
// router without network is worth nothing, so the time left is told by the clock of the boot. In another boot
// than the one of `savepoint` the full time runs again from the start of that boot.

/// Which boot it is (/proc/sys/kernel/random/boot_id), and how long ago it was (CLOCK_BOOTTIME).
struct BootTime {
    std::string boot_id;
    std::chrono::seconds since_boot{};
};
/// Errors (`internal`): /proc is not mounted.
[[nodiscard]] Expected<BootTime> boot_time_now();

inline constexpr std::chrono::minutes default_savepoint_time{10};
inline constexpr std::chrono::minutes longest_savepoint_time{7 * 24 * 60};

/// What savepoint.info says.
struct PendingSavepoint {
    Number snapshot;
    std::chrono::minutes time_to_commit{default_savepoint_time};
    BootTime started;
};

/// Pure: zero or less means that the rollback is due.
[[nodiscard]] std::chrono::seconds time_left(const PendingSavepoint& pending, const BootTime& now);

[[nodiscard]] std::string format_savepoint(const PendingSavepoint& pending);
/// None: the text is not one of ours.
[[nodiscard]] std::optional<PendingSavepoint> parse_savepoint(std::string_view text);

/// The pending savepoint, if any; none also when its snapshot is no savepoint any more. Errors (`card`): it
/// cannot be read.
[[nodiscard]] Expected<std::optional<PendingSavepoint>> pending_savepoint(const TopLevel& top);

/// Reserves the room that the rollback will need (savepoint.hpp), makes a snapshot of type save and
/// starts its time; a savepoint that was pending is committed thereby. The caller starts a process that waits
/// for `time_left` and then calls `roll_back_if_due`. Errors: as create_snapshot; `card` when there is no
/// room to reserve.
[[nodiscard]] Expected<PendingSavepoint> start_savepoint(const Writer& writer, std::chrono::minutes time,
                                                         const BootTime& now);

/// Ends the pending savepoint and deletes all snapshots of type save: the current state stays.
/// Returns the numbers that were deleted. Errors: `card`.
[[nodiscard]] Expected<std::vector<Number>> commit_savepoints(const Writer& writer);

/// Rolls back to the pending savepoint when its time is over; none: nothing is due (committed, started anew).
[[nodiscard]] Expected<std::optional<RollbackResult>> roll_back_if_due(const Writer& writer,
                                                                       const BootTime& now,
                                                                       const HookSettings& hooks = {},
                                                                       const RoomLog& told = {});

// Room on the card that is kept free for the rollback of a savepoint: the subvolume `@savepoint.reserve`,
// full of metadata that means nothing. A rollback writes metadata only, and how much the kernel demands to be
// free for it depends on the size of its tree nodes alone.

/// Makes the reserve, unless it is there. Where room is short it waits first until the space of what was
/// deleted, an earlier reserve above all, is really free. Errors (`card`): there is no room; then nothing of
/// it is left.
[[nodiscard]] Expected<void> make_savepoint_reserve(const TopLevel& top);

[[nodiscard]] bool has_savepoint_reserve(const TopLevel& top);

/// Deletes it if it is there; the space comes back later. Errors (`card`).
[[nodiscard]] Expected<void> delete_savepoint_reserve(const TopLevel& top);

}  // namespace mox::snapshots
