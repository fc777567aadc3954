#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/hooks.hpp"
#include "snapshots/room.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/writer.hpp"

namespace mox::snapshots {

struct RollbackResult {
    Target target;
    /// The state before, filed as a snapshot of type rollback; none: there was no `@`, or see `postponed`.
    std::optional<Number> saved_as;
    /// Not empty: why the state before has no number yet. It is complete on the full card, and the next
    /// writer that finds room makes it a snapshot.
    std::string postponed;
    /// Subvolumes inside the state before, which stay in it; and inside the target, which stay there: their
    /// paths.
    std::vector<std::string> left_behind{};
    std::vector<std::string> left_in_target{};
};

/// For people: one line for each subvolume that is not in the new root, with its name and where it is. Pure.
[[nodiscard]] std::vector<std::string> lines_about_nested(const RollbackResult& result);

/// Makes `@` a writable copy of the target, whatever the target's flags, and files the old `@` as the next
/// snapshot. Takes effect at the next boot. A power cut at any instant leaves the complete old or new system;
/// what is unfinished then, the next Writer finishes or undoes. A pending savepoint is over.
///
/// It writes nothing but metadata, and little of it. A card that is too full even for that gets room as
/// RoomMaker does it; what is deleted is told to `told`. The target is never deleted.
///
/// Subvolumes inside `@` (containers, for example) stay in the old root, that is, in the new snapshot; the
/// new root has empty directories in their places, as every snapshot has. Errors: `snapshot` when the target
/// is missing or damaged (says what exists); `card` when it cannot be written; `@` is as it was then.
[[nodiscard]] Expected<RollbackResult> roll_back(const Writer& writer, const Target& target,
                                                 const HookSettings& hooks = {}, const RoomLog& told = {});

}  // namespace mox::snapshots
