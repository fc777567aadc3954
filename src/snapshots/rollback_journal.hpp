#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "snapshots/snapshot.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

/// What a rollback writes down before it begins. The exchange of `@` and `@rollback.new` is one instant, and
/// the uuid of the old root tells on which side of it we are: a subvolume keeps its uuid when it is renamed,
/// and a snapshot gets a new one. (Parents would not tell: the target may be a snapshot of `@`, `@` one of
/// the target, or both of the same third.)
struct RollbackJournal {
    Target target;
    std::optional<storage::Uuid> old_root;  ///< none: there was no `@`
    std::string created;
};

/// Lines as in an info file.
[[nodiscard]] std::string format_journal(const RollbackJournal& journal);
/// None: it is not one of ours, or cut off.
[[nodiscard]] std::optional<RollbackJournal> parse_journal(std::string_view text);

enum class JournalVerdict {
    nothing_to_do,     ///< there is no `@rollback.new`: not begun, or filed already
    undo,              ///< before the exchange: `@` is the old root, `@rollback.new` is not needed
    archive_old_root,  ///< after it: `@rollback.new` is the old root
    becomes_root,      ///< there is no `@`, and there was none: `@rollback.new` is to be it
    keep_unknown,      ///< the journal does not fit: nobody knows what `@rollback.new` is, so it becomes a
                       ///< snapshot
};

/// What is to be done. `root` and `new_root` are the uuids of `@` and `@rollback.new` as they are now.
[[nodiscard]] JournalVerdict judge(const std::optional<RollbackJournal>& journal,
                                   const std::optional<storage::Uuid>& root,
                                   const std::optional<storage::Uuid>& new_root);

}  // namespace mox::snapshots
