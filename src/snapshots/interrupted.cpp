#include "snapshots/interrupted.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "snapshots/directory_listing.hpp"
#include "snapshots/interrupted_reflash.hpp"
#include "snapshots/quota.hpp"
#include "snapshots/rollback_end.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/room.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots/savepoint_reserve.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

using Repairs = std::vector<std::string>;

std::optional<RollbackJournal> read_journal(int directory) {
    // One that cannot be read is as good as none: then nothing is thrown away.
    const auto text = read_link_or_file(directory, std::string(journal_name));
    return text ? parse_journal(*text) : std::nullopt;
}

Expected<void> keep_old_root(const TopLevel& top, const std::optional<RollbackJournal>& journal,
                             std::string_view what, Repairs& repairs) {
    auto number = TRY(file_old_root(top, journal));
    repairs.push_back(std::string(what) + " is now snapshot " + to_text(number));
    return {};
}

Expected<void> tell_after(Expected<void>&& done, std::string&& line, Repairs& repairs) {
    if (done) repairs.push_back(std::move(line));
    return std::move(done);
}

}  // namespace

Expected<void> settle_rollback(const TopLevel& top, Repairs& repairs) {
    const int directory = top.directory();
    const auto journal = read_journal(directory);
    auto root = TRY(uuid_of(directory, std::string(root_name)));
    auto new_root = TRY(uuid_of(directory, std::string(new_root_name)));

    const auto what = "an interrupted rollback to " + (journal ? to_text(journal->target) : std::string());
    switch (judge(journal, root, new_root)) {
        case JournalVerdict::nothing_to_do:
            // Filed already: then the savepoint is over as well.
            if (journal && journal->old_root != root) return forget_rollback(top);
            return remove_file(directory, std::string(journal_name));
        case JournalVerdict::undo:
            return tell_after(undo_rollback(top), what + " was undone", repairs);
        case JournalVerdict::file_old_root:
            return keep_old_root(top, journal, what + " was completed; the system before it", repairs);
        case JournalVerdict::becomes_root:
            return tell_after(become_root(top), what + " was completed", repairs);
        case JournalVerdict::keep_as_found:
            return keep_old_root(top, std::nullopt, "a root that an interrupted rollback left behind",
                                 repairs);
    }
    return {};
}

namespace {

/// On a full card something may have to wait until there is room; that keeps nobody from making some.
Expected<void> unless_full(Expected<void>&& done, std::string_view what, Repairs& repairs) {
    if (done || !is_full(done.error())) return std::move(done);
    repairs.push_back(std::string(what) + " has to wait until the card has room");
    return {};
}

Expected<void> set_limits_again(const TopLevel& top, Repairs& repairs) {
    auto groups = TRY(set_lifted_limits_again(top));
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
        TRY(storage::delete_subvolume(directory, name));
        repairs.push_back("the interrupted deletion of snapshot " + to_text(*number) + " was completed");
    }
    return {};
}

bool is_file_or_link(int directory, const std::string& name) {
    struct stat about{};
    if (::fstatat(directory, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) return false;
    return S_ISREG(about.st_mode) || S_ISLNK(about.st_mode);
}

/// "3.info" without "@3", and what was not renamed to "3.info" any more.
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

/// A savepoint whose snapshot is gone, or something else by now: its number may be given again, to a
/// savepoint that nobody has started. Without a savepoint nothing needs its reserve.
Expected<void> forget_stale_savepoint(const TopLevel& top) {
    const std::string name(savepoint_name);
    const bool is_there = is_file_or_link(top.directory(), name);
    if (is_there)
        if (const auto pending = pending_savepoint(top); pending && *pending) return {};
    if (auto deleted = delete_savepoint_reserve(top); !deleted && !is_full(deleted.error())) return deleted;
    return is_there ? remove_file(top.directory(), name) : Expected<void>();
}

Expected<void> make_infos_files(int directory, const std::vector<std::string>& names) {
    for (const auto& name : names)
        if (const auto number = number_of_info_file(name)) TRY(make_info_a_file(directory, *number));
    return {};
}

}  // namespace

Expected<std::vector<std::string>> finish_or_undo_interrupted(const TopLevel& top) {
    const int directory = top.directory();
    Repairs repairs;
    // First: it decides what `@` is.
    auto reflash = settle_interrupted_reflash(top);
    if (reflash) repairs = std::move(reflash->repairs);
    auto reflash_end = reflash ? Expected<void>{} : Expected<void>(pass_on(reflash));
    reflash_end = unless_full(std::move(reflash_end), "the end of an interrupted re-flash", repairs);
    if (!reflash_end) return pass_on(reflash_end);
    TRY(unless_full(settle_rollback(top, repairs), "the end of an interrupted rollback", repairs));
    TRY(unless_full(undo_create(directory, repairs), "the removal of an incomplete snapshot", repairs));

    auto names = TRY(names_in(directory));
    std::ranges::sort(names);
    TRY(unless_full(complete_deletions(directory, names, repairs), "the end of an interrupted deletion",
                    repairs));
    TRY(remove_orphans(directory, names));
    TRY(forget_stale_savepoint(top));
    TRY(make_infos_files(directory, names));
    TRY(unless_full(set_limits_again(top, repairs), "the limit of a quota group", repairs));
    return repairs;
}

}  // namespace mox::snapshots
