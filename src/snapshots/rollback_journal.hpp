#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "snapshots/snapshot.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

/// The journal that a rollback writes before it begins. The exchange of `@` and `@rollback.new` is atomic,
/// and the uuid of the old root tells whether it has happened: a subvolume keeps its uuid when it is renamed,
/// and a snapshot gets a new one. (The parent uuid would not tell: the target may be a snapshot of `@`, `@`
/// one of the target, or both of a third subvolume.)
struct RollbackJournal {
    Target target;
    std::optional<storage::Uuid> old_root;  ///< nullopt: there was no `@`
    std::string created;
};

/// Lines in the format of an info file.
[[nodiscard]] std::string format_journal(const RollbackJournal& journal);
/// nullopt: it is not a journal, or it is incomplete.
[[nodiscard]] std::optional<RollbackJournal> parse_journal(std::string_view text);

enum class RollbackRepair {
    nothing_to_do,      ///< there is no `@rollback.new`: not begun, or archived already
    undo,               ///< before the exchange: `@` is the old root, `@rollback.new` is not needed
    archive_old_root,   ///< after it: `@rollback.new` is the old root
    activate_new_root,  ///< there is no `@`, and there was none: `@rollback.new` becomes `@`
    keep_unknown,       ///< the journal does not match: `@rollback.new` is unknown, so it becomes a snapshot
};

/// Decides how to repair an interrupted rollback. `root` and `new_root` are the present uuids of `@` and
/// `@rollback.new`.
[[nodiscard]] RollbackRepair plan_rollback_repair(const std::optional<RollbackJournal>& journal,
                                                  const std::optional<storage::Uuid>& root,
                                                  const std::optional<storage::Uuid>& new_root);

}  // namespace mox::snapshots
