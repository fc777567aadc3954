#include "snapshots/listing.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/tree_walk.hpp"

namespace mox::snapshots {

namespace {

/// The creation time of the subvolume in the file system; empty when it cannot be read.
std::string created_by_filesystem(int top, const std::string& name) {
    const UniqueFd subvolume(::openat(top, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!subvolume) return {};
    btrfs_ioctl_get_subvol_info_args info{};
    // The kernel may return 1 for success.
    if (::ioctl(subvolume.get(), BTRFS_IOC_GET_SUBVOL_INFO, &info) < 0) return {};
    const auto seconds = std::chrono::seconds(static_cast<std::int64_t>(info.otime.sec));
    return created_text(std::chrono::sys_seconds(seconds), std::chrono::minutes(0));
}

/// nullopt: it no longer exists.
std::optional<Snapshot> read_snapshot(int top, Number number) {
    const auto name = subvolume_of(number);
    auto found = damage_of(top, name);
    if (!found) return std::nullopt;
    auto info = read_info(top, number);
    // A deletion removes the name before the info file: a snapshot without both is deleted, and not listed.
    if (info.created.empty() && !entry_exists(top, name)) return std::nullopt;

    Snapshot snapshot{.number = number,
                      .type = info.type,
                      .description = std::move(info.description),
                      .created = std::move(info.created),
                      .roll_to = info.roll_to,
                      .damage = std::move(*found),
                      .info_warning = std::move(info.warning)};
    if (snapshot.created.empty() && snapshot.usable()) snapshot.created = created_by_filesystem(top, name);
    return snapshot;
}

std::unexpected<Error> fail_missing(const TopLevel& top, const std::string& what) {
    auto all = TRY(list_snapshots(top));
    return fail(ErrorKind::snapshot, what + "; there are " + what_exists(all, has_factory(top)));
}

/// A directory with the name of the info file: it cannot be replaced by a file.
bool info_file_is_directory(int top, Number number) {
    struct stat about{};
    return ::fstatat(top, info_file_of(number).c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(about.st_mode);
}

bool is_empty_subvolume(int top, const std::string& name) {
    const UniqueFd subvolume(::openat(top, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!subvolume) return false;
    const auto names = names_in(subvolume.get());
    return names && names->empty();
}

}  // namespace

Expected<std::vector<Snapshot>> list_snapshots(const TopLevel& top) {
    auto names = TRY(names_in(top.directory()));
    std::vector<Snapshot> snapshots;
    for (const auto& name : names) {
        const auto number = number_of_subvolume(name);
        if (!number) continue;
        if (auto snapshot = read_snapshot(top.directory(), *number))
            snapshots.push_back(std::move(*snapshot));
    }
    std::ranges::sort(snapshots, {}, &Snapshot::number);
    return snapshots;
}

Expected<std::vector<Snapshot>> list_targets(const TopLevel& top) {
    auto snapshots = list_snapshots(top);
    if (!snapshots) return snapshots;
    for (auto& snapshot : *snapshots)
        if (const auto name = subvolume_of(snapshot.number);
            snapshot.usable() && is_empty_subvolume(top.directory(), name))
            snapshot.damage = name + " is empty";
    return snapshots;
}

Expected<Snapshot> find_snapshot(const TopLevel& top, Number number) {
    if (auto snapshot = read_snapshot(top.directory(), number)) return std::move(*snapshot);
    return fail_missing(top, "there is no snapshot " + to_text(number));
}

bool has_factory(const TopLevel& top) {
    const auto damage = damage_of(top.directory(), std::string(factory_name));
    return damage && damage->empty();
}

Expected<void> require_usable(const TopLevel& top, const Target& target) {
    const auto name = subvolume_of(target);
    const auto damage = damage_of(top.directory(), name);
    if (!damage) {
        const bool numbered = std::holds_alternative<Number>(target);
        return fail_missing(top, numbered ? "there is no snapshot " + to_text(target)
                                          : std::string("there is no factory snapshot"));
    }
    if (!damage->empty()) return fail_missing(top, *damage);
    if (is_empty_subvolume(top.directory(), name)) return fail_missing(top, name + " is empty");
    return {};
}

Expected<Number> next_number(const TopLevel& top) {
    auto names = TRY(names_in(top.directory()));
    Number highest;
    for (const auto& name : names) highest = std::max(highest, number_of_subvolume(name).value_or(Number{}));
    Number next{highest.value + 1};
    while (next <= highest_number && info_file_is_directory(top.directory(), next)) ++next.value;
    if (next > highest_number)
        return fail(ErrorKind::snapshot, "there is no number after " + to_text(highest),
                    {"delete that snapshot first"});
    return next;
}

}  // namespace mox::snapshots
