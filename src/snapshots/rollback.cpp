// Rollback, and what a power cut leaves behind after each step:
//   0. journal: target and uuid of the old root, fsync   old system boots; next writer forgets the journal
//   1. snapshot target -> @rollback.new (writable),
//      hooks, sync                                        old system boots; next writer deletes @rollback.new
//   2. exchange @ <-> @rollback.new, sync                 new system boots; next writer files the old one
//   3. write N.info, rename @rollback.new -> @N,
//      remove the journal, sync                           done
// On which side of step 2 we are is told by the uuid in the journal (rollback_journal.hpp). A card without
// `@` (other tools rename it away first) gets one: then step 2 is a rename, and there is nothing to file.
//
// The old root stays writable: it is the running system until the next boot. Subvolumes inside it stay there.
#include "snapshots/rollback.hpp"

#include <string>
#include <utility>

#include "snapshots/info_file.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback_end.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

Expected<RollbackJournal> plan(const TopLevel& top, const Target& target) {
    const std::string root(root_name);
    auto old_root = uuid_of(top.directory(), root);
    if (!old_root) return pass_on(old_root);
    if (!*old_root && entry_exists(top.directory(), root))
        return fail(ErrorKind::snapshot,
                    "@ is there but no subvolume: this card is not laid out for snapshots");
    return RollbackJournal{.target = target, .old_root = *old_root, .created = created_now()};
}

/// Steps 0 and 1.
Expected<void> build_new_root(const TopLevel& top, const RollbackJournal& journal,
                              const HookSettings& hooks) {
    const int directory = top.directory();
    auto noted = write_durably(directory, std::string(journal_name), format_journal(journal));
    if (!noted) return noted;
    auto copied = storage::snapshot_subvolume(directory, subvolume_of(journal.target), new_root_name,
                                              storage::Access::writable);
    if (!copied) return copied;
    auto info = storage::subvolume_info(directory, new_root_name);
    if (!info) return pass_on(info);
    run_rollback_hooks(hooks, top.device(), info->id);
    return storage::sync_filesystem(directory);
}

std::unexpected<Error> undone(const TopLevel& top, Expected<void>&& failed) {
    // What cannot be undone now, on a full or failing card, the next writer undoes.
    [[maybe_unused]] const auto by_us = undo_rollback(top);
    return pass_on(std::move(failed), "the rollback failed, and nothing was changed");
}

}  // namespace

Expected<RollbackResult> roll_back(const Writer& writer, const Target& target, const HookSettings& hooks) {
    const auto& top = writer.top();
    if (auto usable = require_usable(top, target); !usable) return pass_on(usable);
    if (auto number = next_number(top); !number) return pass_on(number);
    auto journal = plan(top, target);
    if (!journal) return pass_on(journal);

    if (auto built = build_new_root(top, *journal, hooks); !built) return undone(top, std::move(built));
    if (!journal->old_root) {
        if (auto done = become_root(top); !done)
            return pass_on(done, "the new root could not be put in place");
        return RollbackResult{.target = target, .saved_as = {}};
    }
    if (auto switched = storage::exchange(top.directory(), root_name, new_root_name); !switched)
        return undone(top, std::move(switched));
    if (auto synced = storage::sync_filesystem(top.directory()); !synced)
        return pass_on(synced, "rolled back, but the card does not confirm it");
    auto number = file_old_root(top, *journal);
    if (!number)
        return pass_on(number,
                       "rolled back, but the old system is not filed as a snapshot yet (the next call does)");
    return RollbackResult{.target = target, .saved_as = *number};
}

}  // namespace mox::snapshots
