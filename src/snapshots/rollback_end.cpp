#include "snapshots/rollback_end.hpp"

#include "snapshots/info_file.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/savepoint_reserve.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

SnapshotInfo info_of_old_root(const std::optional<RollbackJournal>& journal) {
    SnapshotInfo info{.type = SnapshotType::rollback,
                      .description = {},
                      .created = created_now(),
                      .roll_to = {},
                      .other = {},
                      .trouble = {}};
    if (!journal) {
        info.description = "Found after an interrupted rollback";
        return info;
    }
    info.roll_to = journal->target;
    info.description = "Rollback to snapshot " + to_text(journal->target);
    if (!journal->created.empty()) info.created = journal->created;
    return info;
}

}  // namespace

Expected<Number> file_old_root(const TopLevel& top, const std::optional<RollbackJournal>& journal) {
    const int directory = top.directory();
    auto number = next_number(top);
    if (!number) return number;
    // First the info file: it must not be missing from a snapshot, and one without a snapshot does no harm.
    auto written = write_info_on_any_card(directory, *number, info_of_old_root(journal));
    if (!written) return pass_on(written);
    auto filed = rename_entry(directory, std::string(new_root_name), subvolume_of(*number));
    if (!filed) return pass_on(filed);
    if (auto forgotten = forget_rollback(top); !forgotten) return pass_on(forgotten);
    return *number;
}

Expected<void> become_root(const TopLevel& top) {
    auto renamed = rename_entry(top.directory(), std::string(new_root_name), std::string(root_name));
    if (!renamed) return renamed;
    return forget_rollback(top);
}

Expected<void> undo_rollback(const TopLevel& top) {
    const int directory = top.directory();
    if (storage::is_subvolume(directory, new_root_name))
        if (auto deleted = storage::delete_subvolume(directory, new_root_name); !deleted) return deleted;
    // Not before the subvolume is gone for good: without the journal nobody would know what it is.
    if (auto synced = storage::sync_filesystem(directory); !synced) return synced;
    return remove_file(directory, std::string(journal_name));
}

Expected<void> forget_rollback(const TopLevel& top) {
    const int directory = top.directory();
    if (auto removed = remove_file(directory, std::string(savepoint_name)); !removed) return removed;
    if (auto deleted = delete_savepoint_reserve(top); !deleted) return deleted;
    if (auto removed = remove_file(directory, std::string(journal_name)); !removed) return removed;
    return storage::sync_filesystem(directory);
}

Expected<std::optional<storage::Uuid>> uuid_of(int top, const std::string& name) {
    if (!storage::is_subvolume(top, name)) return std::nullopt;
    auto info = storage::subvolume_info(top, name);
    if (!info) return pass_on(info);
    return info->uuid;
}

}  // namespace mox::snapshots
