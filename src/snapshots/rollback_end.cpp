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
    auto number = TRY(next_number(top));
    // First the info file: it must not be missing from a snapshot, and one without a snapshot does no harm.
    TRY(write_info_on_any_card(directory, number, info_of_old_root(journal)));
    TRY(rename_entry(directory, std::string(new_root_name), subvolume_of(number)));
    TRY(forget_rollback(top));
    return number;
}

Expected<void> become_root(const TopLevel& top) {
    TRY(rename_entry(top.directory(), std::string(new_root_name), std::string(root_name)));
    return forget_rollback(top);
}

Expected<void> undo_rollback(const TopLevel& top) {
    const int directory = top.directory();
    if (storage::is_subvolume(directory, new_root_name))
        TRY(storage::delete_subvolume(directory, new_root_name));
    // Not before the subvolume is gone for good: without the journal nobody would know what it is.
    TRY(storage::sync_filesystem(directory));
    return remove_file(directory, std::string(journal_name));
}

Expected<void> forget_rollback(const TopLevel& top) {
    const int directory = top.directory();
    TRY(remove_file(directory, std::string(savepoint_name)));
    TRY(delete_savepoint_reserve(top));
    TRY(remove_file(directory, std::string(journal_name)));
    return storage::sync_filesystem(directory);
}

Expected<std::optional<storage::Uuid>> uuid_of(int top, const std::string& name) {
    if (!storage::is_subvolume(top, name)) return std::nullopt;
    auto info = TRY(storage::subvolume_info(top, name));
    return info.uuid;
}

}  // namespace mox::snapshots
