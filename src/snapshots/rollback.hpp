#pragma once

#include <optional>

#include "base/error.hpp"
#include "snapshots/hooks.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/writer.hpp"

namespace mox::snapshots {

struct RollbackResult {
    Target target;
    /// The state before, filed as a snapshot of type rollback; none: there was no `@`.
    std::optional<Number> saved_as;
};

/// Makes `@` a writable copy of the target, whatever the target's flags, and files the old `@` as the next
/// snapshot. Takes effect at the next boot. A power cut at any instant leaves the complete old or new system;
/// what is unfinished then, the next Writer finishes or undoes. A pending savepoint is over.
///
/// Subvolumes inside `@` (rare, made by hand) stay in the old root, that is, in the new snapshot; the new
/// root has empty directories in their places, as every snapshot has. Errors: `snapshot` when the target is
/// missing or damaged (says what exists); `card` when it cannot be written; `@` is as it was then.
[[nodiscard]] Expected<RollbackResult> roll_back(const Writer& writer, const Target& target,
                                                 const HookSettings& hooks = {});

}  // namespace mox::snapshots
