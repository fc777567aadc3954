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

// A savepoint protects a user who is about to make a change that may lock the user out: without a `commit`
// within N minutes the system is rolled back. It is a snapshot of type save and a small file, savepoint.info,
// at the top level.
//
// It survives a reboot and a power cut. The wall clock of a router without network is not reliable, so the
// remaining time is measured by the boot clock. In a later boot the full time runs again from the start of
// that boot.

/// The id of a boot (/proc/sys/kernel/random/boot_id) and the time since then (CLOCK_BOOTTIME).
struct BootTime {
    std::string boot_id;
    std::chrono::seconds since_boot{};
};
/// Errors (`internal`): /proc is not mounted.
[[nodiscard]] Expected<BootTime> boot_time_now();

inline constexpr std::chrono::minutes default_savepoint_time{10};
inline constexpr std::chrono::minutes longest_savepoint_time{7 * 24 * 60};

/// The content of savepoint.info.
struct PendingSavepoint {
    Number snapshot;
    std::chrono::minutes time_to_commit{default_savepoint_time};
    BootTime started;
};

/// Pure: zero or less means that the rollback is due.
[[nodiscard]] std::chrono::seconds time_left(const PendingSavepoint& pending, const BootTime& now);

[[nodiscard]] std::string format_savepoint(const PendingSavepoint& pending);
/// nullopt: the text is not a savepoint.
[[nodiscard]] std::optional<PendingSavepoint> parse_savepoint(std::string_view text);

/// The pending savepoint; nullopt: there is none, or its snapshot is no longer a savepoint. Errors (`card`):
/// it cannot be read.
[[nodiscard]] Expected<std::optional<PendingSavepoint>> pending_savepoint(const TopLevel& top);

/// Reserves the space that the rollback needs (make_savepoint_reserve), makes a snapshot of type save and
/// starts its time. This commits an earlier pending savepoint. The caller starts a process that waits for
/// `time_left` and then calls `roll_back_if_due`. Errors: as create_snapshot; `card` when there is no space
/// to reserve.
[[nodiscard]] Expected<PendingSavepoint> start_savepoint(const Writer& writer, std::chrono::minutes time,
                                                         const BootTime& now);

/// Ends the pending savepoint and deletes all snapshots of type save: the current state stays.
/// Returns the numbers that were deleted. Errors: `card`.
[[nodiscard]] Expected<std::vector<Number>> commit_savepoints(const Writer& writer);

/// Rolls back to the pending savepoint when its time is over; nullopt: no rollback is due (the savepoint was
/// committed or restarted).
[[nodiscard]] Expected<std::optional<RollbackResult>> roll_back_if_due(const Writer& writer,
                                                                       const BootTime& now,
                                                                       const HookSettings& hooks = {},
                                                                       const ReclaimLog& log = {});

// The reserve keeps space on the card for the rollback of a savepoint: the subvolume `@savepoint.reserve`,
// filled with meaningless metadata. A rollback writes only metadata, and the free space that the kernel
// requires for it depends only on the size of tree nodes.

/// Makes the reserve unless it exists. When free space is short, it waits first until the space of deleted
/// subvolumes, for example of an earlier reserve, is free. Errors (`card`): not enough space; then no part of
/// the reserve is left.
[[nodiscard]] Expected<void> make_savepoint_reserve(const TopLevel& top);

[[nodiscard]] bool has_savepoint_reserve(const TopLevel& top);

/// Deletes the reserve if it exists; the kernel frees the space later. Errors (`card`).
[[nodiscard]] Expected<void> delete_savepoint_reserve(const TopLevel& top);

}  // namespace mox::snapshots
