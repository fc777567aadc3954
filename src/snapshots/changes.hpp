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

/// What `modify` changes; what is not set stays.
struct Modification {
    std::optional<SnapshotType> type{};
    std::optional<std::string> description{};
};

/// Rewrites the info file; CREATED, ROLL_TO and lines that we do not know are kept.
/// Errors: `snapshot` when there is no such snapshot; `card` when it cannot be written.
[[nodiscard]] Expected<Snapshot> modify_snapshot(const Writer& writer, Number number,
                                                 const Modification& modification);

/// What becomes of subvolumes inside a snapshot that is deleted.
enum class Nested {
    refuse,  ///< the snapshot is not deleted
    remove,  ///< they are deleted with it, read-only ones and those inside others too
};

/// Deletes a snapshot and its info file. A symbolic link or file in the place of `@N` is removed, never what
/// it points to; an ordinary directory is left alone, which is an error. Deleting a pending savepoint is an
/// error too: commit it. Needs no room, and on a card that is nearly full the space is free again on return.
/// Errors: `snapshot` when there is no such snapshot (says which there are), or it holds subvolumes of its
/// own (says which); `card`.
[[nodiscard]] Expected<void> delete_snapshot(const Writer& writer, Number number,
                                             Nested nested = Nested::refuse);

/// Why a cleanup leaves a snapshot alone, for people; empty: it may go. One that holds subvolumes of its own
/// (an old root with somebody's data beside it) is only ever deleted by hand. Errors: `card`.
[[nodiscard]] Expected<std::string> why_not_cleaned_up(const TopLevel& top, Number number);

/// One that `cleanup` deleted, or did not dare to.
struct CleanupResult {
    Snapshot snapshot;
    std::string kept_because;  ///< empty: it was deleted; else for people
};

/// Deletes what the limits do not keep (cleanup_policy.hpp), oldest first, unless `why_not_cleaned_up`.
/// Errors (`card`): what was deleted until then stays deleted.
[[nodiscard]] Expected<std::vector<CleanupResult>> clean_up(
    const Writer& writer, const KeepLimits& limits,
    const std::function<void(const CleanupResult&)>& told = {});

}  // namespace mox::snapshots
