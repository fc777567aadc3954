#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/configuration.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// A read-only snapshot of `@`. The description is sanitised (description.hpp).
/// Errors: `snapshot` when there is no `@`, or no number left; `card` when it cannot be written.
[[nodiscard]] Expected<Snapshot> create_snapshot(const Writer& writer, SnapshotType type,
                                                 std::string_view description);

/// The changes of `modify`; nullopt: unchanged.
struct Modification {
    std::optional<SnapshotType> type{};
    std::optional<std::string> description{};
};

/// Rewrites the info file; CREATED, ROLL_TO and unknown lines are kept. Errors: `snapshot` when there is no
/// such snapshot; `card` when it cannot be written.
[[nodiscard]] Expected<Snapshot> modify_snapshot(const Writer& writer, Number number,
                                                 const Modification& modification);

/// How the deletion of a snapshot treats subvolumes inside it.
enum class Nested {
    refuse,  ///< the snapshot is not deleted
    remove,  ///< they are deleted with it, also read-only and nested ones
};

/// Deletes a snapshot and its info file. A symbolic link or file in the place of `@N` is removed, never what
/// it points to; an ordinary directory is kept, which is an error. Deleting a pending savepoint (commit it)
/// or a mounted snapshot (unmount it: storage::require_not_mounted) is an error too. Needs no free space; on
/// a card that is nearly full the freed space is available on return. Errors: `snapshot` when there is no
/// such snapshot (the message lists the existing ones), or it holds subvolumes of its own (the message names
/// them); `card`.
[[nodiscard]] Expected<void> delete_snapshot(const Writer& writer, Number number,
                                             Nested nested = Nested::refuse);

/// Message why a cleanup keeps a snapshot; empty: it may be deleted. A mounted snapshot is never deleted, and
/// one with subvolumes of its own (an old root with user data in it) only by the user. Errors: `card`.
[[nodiscard]] Expected<std::string> reason_to_keep(const TopLevel& top, Number number);

/// A snapshot that `cleanup` deleted or had to keep.
struct CleanupResult {
    Snapshot snapshot;
    std::string kept_because;  ///< message why it was kept; empty: it was deleted
};

/// Deletes the snapshots above the limits (cleanup_policy.hpp), oldest first, except those with a
/// `reason_to_keep`. Calls `on_result` for each. Errors (`card`): already deleted snapshots stay deleted.
[[nodiscard]] Expected<std::vector<CleanupResult>> clean_up(
    const Writer& writer, const KeepLimits& limits,
    const std::function<void(const CleanupResult&)>& on_result = {});

}  // namespace mox::snapshots
