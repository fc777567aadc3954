// Create, modify, delete, and what a power cut leaves behind after each step. All names are at the top level.
//
// Create:  1. snapshot @ -> @create.new (read-only)   the next writer deletes it
//          2. write N.info, fsync                     the next writer deletes both
//          3. rename @create.new -> @N, sync          done
// Delete:  1. rename @N -> @delete.N                  the next writer deletes it, and N.info
//          2. remove N.info                           the next writer deletes it
//          3. delete @delete.N, sync                  done
//          On a full card, where a rename fails:
//          1. delete @N                               the next writer deletes N.info
//          2. remove N.info, sync                     done
// Modify:  N.info is replaced as a whole.
#include "snapshots/changes.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include "snapshots/cleanup_policy.hpp"
#include "snapshots/deletion.hpp"
#include "snapshots/description.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/running_system.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "snapshots/tree_walk.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

Expected<void> require_root(const TopLevel& top) {
    const auto damage = damage_of(top.directory(), std::string(root_name));
    if (damage && damage->empty()) return {};
    return fail(
        ErrorKind::snapshot,
        "there is no subvolume @, so there is no system to make a snapshot of; `schnapps rollback` makes "
        "one from a snapshot");
}

/// Steps 2 and 3 of create.
Expected<void> publish(int directory, Number number, const SnapshotInfo& info) {
    TRY(write_info(directory, number, info));
    TRY(rename_entry(directory, std::string(created_name), subvolume_of(number)));
    return storage::sync_filesystem(directory);
}

/// Deletes a link or file in the place of a snapshot. unlinkat refuses directories.
Expected<void> delete_non_snapshot(int directory, const Snapshot& snapshot) {
    const auto name = subvolume_of(snapshot.number);
    if (auto removed = remove_file(directory, name); !removed)
        return fail(ErrorKind::snapshot, snapshot.damage, {"look into it, and remove it yourself"});
    return remove_file(directory, info_file_of(snapshot.number));
}

/// Fails (`snapshot`) if a snapshot must not be deleted, even when the user asks for it.
Expected<void> require_deletable(const TopLevel& top, Number number) {
    const auto what = "snapshot " + to_text(number);
    const auto pending = TRY(pending_savepoint(top));
    if (pending && pending->snapshot == number)
        return fail(ErrorKind::snapshot, what + " is the pending savepoint",
                    {"end it with `schnapps commit`"});
    if (TRY(is_running_system(top.directory(), subvolume_of(number))))
        return fail(ErrorKind::snapshot, what + " is the running system", {"reboot first"});
    auto unmounted = storage::require_not_mounted(top.directory(), subvolume_of(number), what);
    if (!unmounted && unmounted.error().reason() == EBUSY)
        return std::unexpected(std::move(unmounted).error().as(ErrorKind::snapshot));
    return unmounted;
}

/// Fails if it has nested subvolumes, which the user has to check first.
Expected<void> require_no_nested(const TopLevel& top, Number number) {
    const auto nested = TRY(nested_names(top, subvolume_of(number)));
    if (nested.empty()) return {};
    return fail(
        ErrorKind::snapshot, "snapshot " + to_text(number) + " holds " + nested_text(nested),
        {"if nothing in there is needed, `schnapps delete --nested " + to_text(number) + "` deletes it all"});
}

}  // namespace

Expected<std::string> reason_to_keep(const TopLevel& top, Number number) {
    for (const auto check : {&require_deletable, &require_no_nested}) {
        auto may_be_deleted = check(top, number);
        if (may_be_deleted) continue;
        if (may_be_deleted.error().kind() != ErrorKind::snapshot) return pass_on(may_be_deleted);
        return may_be_deleted.error().describe();
    }
    return std::string();
}

Expected<Snapshot> create_snapshot(const Writer& writer, SnapshotType type, std::string_view description) {
    const int directory = writer.directory();
    TRY(require_root(writer.top()));
    auto number = TRY(next_number(writer.top()));

    SnapshotInfo info{.type = type,
                      .description = sanitised_description(description),
                      .created = created_now(),
                      .roll_to = {},
                      .other = {},
                      .warning = {}};
    TRY(storage::snapshot_subvolume(directory, root_name, created_name, storage::Access::read_only));
    if (auto published = publish(directory, number, info); !published) {
        // Best effort on a full or failing card: the next writer removes what stays.
        [[maybe_unused]] const auto deleted = storage::delete_subvolume(directory, created_name);
        [[maybe_unused]] const auto removed = remove_file(directory, info_file_of(number));
        return pass_on(published, "no snapshot was made");
    }
    return find_snapshot(writer.top(), number);
}

Expected<Snapshot> modify_snapshot(const Writer& writer, Number number, const Modification& modification) {
    TRY(find_snapshot(writer.top(), number));
    auto info = read_info(writer.directory(), number);
    if (modification.type) info.type = *modification.type;
    if (modification.description) info.description = sanitised_description(*modification.description);
    TRY(write_info(writer.directory(), number, info), "snapshot " + to_text(number) + " was not modified");
    return find_snapshot(writer.top(), number);
}

Expected<void> delete_snapshot(const Writer& writer, Number number, Nested nested) {
    const int directory = writer.directory();
    auto snapshot = TRY(find_snapshot(writer.top(), number));
    if (!snapshot.usable()) return delete_non_snapshot(directory, snapshot);

    TRY(require_deletable(writer.top(), number));
    if (nested == Nested::refuse) TRY(require_no_nested(writer.top(), number));
    TRY(delete_subvolume_and_info(writer.top(), number), "snapshot " + to_text(number));
    return storage::sync_filesystem(directory);
}

Expected<std::vector<CleanupResult>> clean_up(const Writer& writer, const KeepLimits& limits,
                                              const std::function<void(const CleanupResult&)>& on_result) {
    auto snapshots = TRY(list_snapshots(writer.top()));
    std::vector<CleanupResult> results;
    for (const auto number : superfluous_snapshots(snapshots, limits)) {
        auto reason = TRY(reason_to_keep(writer.top(), number));
        auto snapshot = TRY(find_snapshot(writer.top(), number));
        if (reason.empty())
            TRY(delete_subvolume_and_info(writer.top(), number), "snapshot " + to_text(number));
        results.push_back({std::move(snapshot), std::move(reason)});
        if (on_result) on_result(results.back());
    }
    TRY(storage::sync_filesystem(writer.directory()));
    return results;
}

}  // namespace mox::snapshots
