#include "snapshots/interrupted_reflash.hpp"

#include <fcntl.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

using namespace unit_literals;

/// 65 bytes for each subvolume at most: room for 16,000.
constexpr Bytes largest_record = 1_MiB;

Expected<std::vector<FoundSubvolume>> subvolumes_of(int top) {
    auto names = storage::subvolumes_in(top);
    if (!names) return pass_on(names);
    std::vector<FoundSubvolume> found;
    for (auto& name : *names) {
        auto info = storage::subvolume_info(top, name);
        if (!info) return pass_on(info, name);
        found.push_back({std::move(name), {info->id, info->uuid}, info->parent_uuid});
    }
    return found;
}

/// nullopt: there is none. One that cannot be read, not even when it is tried again, counts as damaged:
/// nothing old is erased then.
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
    if (const auto number = number_of_subvolume(name))
        if (auto removed = remove_file(top, info_file_of(*number)); !removed) return removed;
    return storage::delete_subvolume(top, name);
}

Expected<Number> keep_as_snapshot(const TopLevel& top, const std::string& name) {
    auto number = next_number(top);
    if (!number) return number;
    SnapshotInfo info;
    info.type = SnapshotType::rollback;
    info.description = "Found after an interrupted re-flash";
    info.created = created_now();
    // A snapshot without an info file is usable: a full card is no reason to stop here.
    [[maybe_unused]] const auto written = write_info(top.directory(), *number, info);
    if (auto renamed = rename_entry(top.directory(), name, subvolume_of(*number)); !renamed)
        return pass_on(renamed);
    return *number;
}

/// The record goes last: without it what is left could not be understood.
Expected<void> forget_record(int top) {
    if (auto synced = storage::sync_filesystem(top); !synced) return synced;
    if (auto removed = remove_file(top, std::string(reflash_record_name)); !removed) return removed;
    return storage::sync_filesystem(top);
}

std::string told(ReflashOutcome outcome) {
    switch (outcome) {
        case ReflashOutcome::none:
            return {};
        case ReflashOutcome::undone:
            return "an interrupted re-flash was undone";
        case ReflashOutcome::finished:
            return "an interrupted re-flash was completed: what it replaced was erased";
        case ReflashOutcome::given_up:
            return "an interrupted re-flash was given up, because the card has got another system since: "
                   "nothing old was erased";
    }
    return {};
}

}  // namespace

Expected<void> write_reflash_record(const TopLevel& top) {
    auto found = subvolumes_of(top.directory());
    if (!found) return pass_on(found);
    ReflashRecord record;
    for (const auto& one : *found) {
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
    auto has_factory = storage::subvolume_exists(top, factory_name);
    if (!has_factory) return pass_on(has_factory);
    if (*has_factory) return storage::exchange(top, factory_name, reflash_factory_name);
    return rename_entry(top, std::string(reflash_factory_name), std::string(factory_name));
}

Expected<SettledReflash> settle_interrupted_reflash(const TopLevel& top) {
    const int directory = top.directory();
    auto removed = remove_file(directory, std::string(reflash_record_name) + ".new");
    if (!removed) return pass_on(removed);
    auto found = subvolumes_of(directory);
    if (!found) return pass_on(found);
    const auto repair = plan_reflash_repair(read_record(directory), *found);
    if (repair.outcome == ReflashOutcome::none) return SettledReflash{};

    SettledReflash settled{.outcome = repair.outcome, .repairs = {told(repair.outcome)}};
    if (repair.publish_factory)
        if (auto published = publish_new_factory(directory); !published) return pass_on(published);
    for (const auto& name : repair.erase)
        if (auto erased = erase(directory, name); !erased) return pass_on(erased);
    for (const auto& name : repair.keep_as_snapshot) {
        auto number = keep_as_snapshot(top, name);
        if (!number) return pass_on(number);
        settled.repairs.push_back("what it left as " + name + " is now snapshot " + to_text(*number));
    }
    if (auto forgotten = forget_record(directory); !forgotten) return pass_on(forgotten);
    return settled;
}

}  // namespace mox::snapshots
