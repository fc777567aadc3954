#include "snapshots/interrupted.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/file.hpp"
#include "base/full_storage.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/quota.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/space_reclaimer.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "snapshots/tree_walk.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

using Repairs = std::vector<std::string>;

std::optional<RollbackJournal> read_journal(int directory) {
    // An unreadable journal counts as missing: then no subvolume is deleted.
    const auto text = read_link_or_file(directory, std::string(journal_name));
    return text ? parse_journal(*text) : std::nullopt;
}

Expected<void> keep_old_root(const TopLevel& top, const std::optional<RollbackJournal>& journal,
                             std::string_view what, Repairs& repairs) {
    auto number = TRY(archive_old_root(top, journal));
    repairs.push_back(std::string(what) + " is now snapshot " + to_text(number));
    return {};
}

Expected<void> record_repair(Expected<void>&& done, std::string&& line, Repairs& repairs) {
    if (done) repairs.push_back(std::move(line));
    return std::move(done);
}

}  // namespace

Expected<void> recover_rollback(const TopLevel& top, Repairs& repairs) {
    const int directory = top.directory();
    const auto journal = read_journal(directory);
    auto root = TRY(uuid_of(directory, std::string(root_name)));
    auto new_root = TRY(uuid_of(directory, std::string(new_root_name)));

    const auto what = "an interrupted rollback to " + (journal ? to_text(journal->target) : std::string());
    switch (plan_rollback_repair(journal, root, new_root)) {
        case RollbackRepair::nothing_to_do:
            // The old root is archived already, so the savepoint is over as well.
            if (journal && journal->old_root != root) return complete_rollback(top);
            return remove_file(directory, std::string(journal_name));
        case RollbackRepair::undo:
            return record_repair(undo_rollback(top), what + " was undone", repairs);
        case RollbackRepair::archive_old_root:
            return keep_old_root(top, journal, what + " was completed; the system before it", repairs);
        case RollbackRepair::activate_new_root:
            return record_repair(activate_new_root(top), what + " was completed", repairs);
        case RollbackRepair::keep_unknown:
            return keep_old_root(top, std::nullopt, "a root that an interrupted rollback left behind",
                                 repairs);
    }
    return {};
}

namespace {

/// On a full card a repair may have to wait for free space. That is not an error: the caller must be able to
/// free space.
Expected<void> postpone_if_full(Expected<void>&& done, std::string_view what, Repairs& repairs) {
    if (done || !is_full(done.error())) return std::move(done);
    repairs.push_back(std::string(what) + " is postponed until the card has free space; " +
                      std::string(delete_snapshots_advice));
    return {};
}

Expected<void> restore_limits(const TopLevel& top, Repairs& repairs) {
    auto groups = TRY(restore_lifted_limits(top));
    for (const auto& group : groups) repairs.push_back("the limit of quota group " + group + " is set again");
    return {};
}

Expected<void> undo_create(int directory, Repairs& repairs) {
    if (!storage::is_subvolume(directory, created_name)) return {};
    auto deleted = storage::delete_subvolume(directory, created_name);
    if (deleted) repairs.emplace_back("a snapshot that was not completed was removed");
    return deleted;
}

Expected<void> complete_deletions(int directory, const std::vector<std::string>& names, Repairs& repairs) {
    for (const auto& name : names) {
        const auto number = number_of_deleted(name);
        if (!number || !storage::is_subvolume(directory, name)) continue;
        auto deleted = storage::delete_subvolume(directory, name);
        if (!deleted && deleted.error().reason() == EBUSY) {
            repairs.push_back("the interrupted deletion of snapshot " + to_text(*number) +
                              " waits: " + deleted.error().describe());
            continue;
        }
        TRY(std::move(deleted));
        repairs.push_back("the interrupted deletion of snapshot " + to_text(*number) + " was completed");
    }
    return {};
}

bool is_file_or_link(int directory, const std::string& name) {
    struct stat about{};
    if (::fstatat(directory, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) return false;
    return S_ISREG(about.st_mode) || S_ISLNK(about.st_mode);
}

/// "3.info" without "@3", and "3.info.new" that was never renamed.
bool is_orphan(const std::string& name, const std::vector<std::string>& sorted_names) {
    constexpr std::string_view unfinished = ".new";
    const auto is_ours = [](std::string_view base) {
        return number_of_info_file(base) || base == journal_name || base == savepoint_name;
    };
    if (name.ends_with(unfinished))
        return is_ours(std::string_view(name).substr(0, name.size() - unfinished.size()));
    const auto number = number_of_info_file(name);
    return number && !std::ranges::binary_search(sorted_names, subvolume_of(*number));
}

Expected<void> remove_orphans(int directory, const std::vector<std::string>& sorted_names) {
    for (const auto& name : sorted_names) {
        if (!is_orphan(name, sorted_names) || !is_file_or_link(directory, name)) continue;
        TRY(remove_file(directory, name));
    }
    return {};
}

/// Removes a savepoint whose snapshot is deleted or no longer a savepoint: its number may be used again, for
/// a savepoint whose timer was never started. Without a savepoint the reserve is not needed.
Expected<void> remove_stale_savepoint(const TopLevel& top) {
    const std::string name(savepoint_name);
    const bool is_there = is_file_or_link(top.directory(), name);
    if (is_there)
        if (const auto pending = pending_savepoint(top); pending && *pending) return {};
    if (auto deleted = delete_savepoint_reserve(top); !deleted && !is_full(deleted.error())) return deleted;
    return is_there ? remove_file(top.directory(), name) : Expected<void>();
}

Expected<void> convert_info_links(int directory, const std::vector<std::string>& names) {
    for (const auto& name : names)
        if (const auto number = number_of_info_file(name)) TRY(convert_info_link(directory, *number));
    return {};
}

}  // namespace

Expected<std::vector<std::string>> recover_interrupted(const TopLevel& top) {
    const int directory = top.directory();
    Repairs repairs;
    // First: it determines what `@` is.
    auto reflash = recover_interrupted_reflash(top);
    if (reflash) repairs = std::move(reflash->repairs);
    auto reflash_end = reflash ? Expected<void>{} : Expected<void>(pass_on(reflash));
    reflash_end = postpone_if_full(std::move(reflash_end), "the end of an interrupted re-flash", repairs);
    if (!reflash_end) return pass_on(reflash_end);
    TRY(postpone_if_full(recover_rollback(top, repairs), "the end of an interrupted rollback", repairs));
    TRY(postpone_if_full(undo_create(directory, repairs), "the removal of an incomplete snapshot", repairs));

    auto names = TRY(names_in(directory));
    std::ranges::sort(names);
    TRY(postpone_if_full(complete_deletions(directory, names, repairs), "the end of an interrupted deletion",
                         repairs));
    TRY(remove_orphans(directory, names));
    TRY(remove_stale_savepoint(top));
    TRY(convert_info_links(directory, names));
    TRY(postpone_if_full(restore_limits(top, repairs), "the limit of a quota group", repairs));
    return repairs;
}

namespace {

using namespace unit_literals;

/// At most 65 bytes for each subvolume: enough for 16,000.
constexpr Bytes largest_record = 1_MiB;

Expected<std::vector<FoundSubvolume>> subvolumes_of(int top) {
    auto names = TRY(storage::subvolumes_in(top));
    std::vector<FoundSubvolume> found;
    for (auto& name : names) {
        auto info = TRY(storage::subvolume_info(top, name), name);
        found.push_back({std::move(name), {info.id, info.uuid}, info.parent_uuid});
    }
    return found;
}

/// nullopt: there is no record. A record that cannot be read in two attempts counts as damaged: then no old
/// subvolume is erased.
std::optional<std::string> read_record(int top) {
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    constexpr int attempts = 2;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const UniqueFd file(::openat(top, reflash_record_name.data(), flags));
        if (!file && errno == ENOENT) return std::nullopt;
        if (!file) continue;
        auto text = read_to_end(file.get(), reflash_record_name, ErrorKind::card, largest_record);
        if (text) return std::move(*text);
    }
    return std::string();
}

Expected<void> erase(int top, const std::string& name) {
    if (const auto number = number_of_subvolume(name)) TRY(remove_file(top, info_file_of(*number)));
    return storage::delete_subvolume(top, name);
}

Expected<Number> keep_as_snapshot(const TopLevel& top, const std::string& name) {
    auto number = TRY(next_number(top));
    SnapshotInfo info;
    info.type = SnapshotType::rollback;
    info.description = "Found after an interrupted re-flash";
    info.created = created_now();
    // A snapshot without an info file is usable, so a full card is not an error here.
    [[maybe_unused]] const auto written = write_info(top.directory(), number, info);
    TRY(rename_entry(top.directory(), name, subvolume_of(number)));
    return number;
}

/// The record is removed last: without it the remaining subvolumes cannot be identified.
Expected<void> remove_record(int top) {
    TRY(storage::sync_filesystem(top));
    TRY(remove_file(top, std::string(reflash_record_name)));
    return storage::sync_filesystem(top);
}

std::string message_for(ReflashOutcome outcome) {
    switch (outcome) {
        case ReflashOutcome::none:
            return {};
        case ReflashOutcome::undone:
            return "an interrupted re-flash was undone";
        case ReflashOutcome::finished:
            return "an interrupted re-flash was completed: what it replaced was erased";
        case ReflashOutcome::abandoned:
            return "an interrupted re-flash was abandoned, because the card has another system now; "
                   "no old subvolume was erased";
    }
    return {};
}

}  // namespace

Expected<void> write_reflash_record(const TopLevel& top) {
    auto found = TRY(subvolumes_of(top.directory()));
    ReflashRecord record;
    for (const auto& one : found) {
        if (one.name == reflash_root_name)
            record.new_root = one.identity;
        else if (one.name == reflash_factory_name)
            record.new_factory = one.identity;
        else
            record.old.push_back(one.identity);
    }
    if (record.new_root.id == 0 || record.new_factory.id == 0)
        return fail(ErrorKind::internal, "the new system was removed while it was built");
    return write_durably(top.directory(), std::string(reflash_record_name), format_reflash_record(record));
}

Expected<void> publish_new_factory(int top) {
    auto has_factory = TRY(storage::subvolume_exists(top, factory_name));
    if (has_factory) return storage::exchange(top, factory_name, reflash_factory_name);
    return rename_entry(top, std::string(reflash_factory_name), std::string(factory_name));
}

Expected<RecoveredReflash> recover_interrupted_reflash(const TopLevel& top) {
    const int directory = top.directory();
    TRY(remove_file(directory, std::string(reflash_record_name) + ".new"));
    auto found = TRY(subvolumes_of(directory));
    const auto repair = plan_reflash_repair(read_record(directory), found);
    if (repair.outcome == ReflashOutcome::none) return RecoveredReflash{};

    RecoveredReflash recovered{.outcome = repair.outcome, .repairs = {message_for(repair.outcome)}};
    if (repair.publish_factory) TRY(publish_new_factory(directory));
    for (const auto& name : repair.erase) TRY(erase(directory, name));
    for (const auto& name : repair.keep_as_snapshot) {
        auto number = TRY(keep_as_snapshot(top, name));
        recovered.repairs.push_back("what it left as " + name + " is now snapshot " + to_text(number));
    }
    TRY(remove_record(directory));
    return recovered;
}

}  // namespace mox::snapshots
