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
    auto names = TRY(storage::subvolumes_in(top));
    std::vector<FoundSubvolume> found;
    for (auto& name : names) {
        auto info = TRY(storage::subvolume_info(top, name), name);
        found.push_back({std::move(name), {info.id, info.uuid}, info.parent_uuid});
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
    if (const auto number = number_of_subvolume(name)) TRY(remove_file(top, info_file_of(*number)));
    return storage::delete_subvolume(top, name);
}

Expected<Number> keep_as_snapshot(const TopLevel& top, const std::string& name) {
    auto number = TRY(next_number(top));
    SnapshotInfo info;
    info.type = SnapshotType::rollback;
    info.description = "Found after an interrupted re-flash";
    info.created = created_now();
    // A snapshot without an info file is usable: a full card is no reason to stop here.
    [[maybe_unused]] const auto written = write_info(top.directory(), number, info);
    TRY(rename_entry(top.directory(), name, subvolume_of(number)));
    return number;
}

/// The record goes last: without it what is left could not be understood.
Expected<void> forget_record(int top) {
    TRY(storage::sync_filesystem(top));
    TRY(remove_file(top, std::string(reflash_record_name)));
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

Expected<SettledReflash> settle_interrupted_reflash(const TopLevel& top) {
    const int directory = top.directory();
    TRY(remove_file(directory, std::string(reflash_record_name) + ".new"));
    auto found = TRY(subvolumes_of(directory));
    const auto repair = plan_reflash_repair(read_record(directory), found);
    if (repair.outcome == ReflashOutcome::none) return SettledReflash{};

    SettledReflash settled{.outcome = repair.outcome, .repairs = {told(repair.outcome)}};
    if (repair.publish_factory) TRY(publish_new_factory(directory));
    for (const auto& name : repair.erase) TRY(erase(directory, name));
    for (const auto& name : repair.keep_as_snapshot) {
        auto number = TRY(keep_as_snapshot(top, name));
        settled.repairs.push_back("what it left as " + name + " is now snapshot " + to_text(number));
    }
    TRY(forget_record(directory));
    return settled;
}

}  // namespace mox::snapshots
