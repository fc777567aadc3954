#include "snapshots/savepoint.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "config/shell_lines.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

constexpr std::string_view snapshot_key = "SNAPSHOT";
constexpr std::string_view minutes_key = "MINUTES";
constexpr std::string_view boot_key = "BOOT_ID";
constexpr std::string_view since_key = "SINCE_BOOT";

std::optional<std::int64_t> count_in(const std::string& text) {
    const auto count = whole_number<std::int64_t>(text);
    return count >= 0 ? count : std::nullopt;
}

bool is_boot_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
    });
}

std::string value_of(const config::ShellLines& lines, std::string_view key) {
    const auto found = std::ranges::find(lines.assignments, key, &config::Assignment::key);
    return found == lines.assignments.end() ? std::string() : found->value;
}

bool is_savepoint(const TopLevel& top, Number number) {
    auto snapshot = find_snapshot(top, number);
    return snapshot && snapshot->usable() && snapshot->type == SnapshotType::save;
}

Expected<void> remove_pending(int directory) {
    TRY(remove_file(directory, std::string(savepoint_name)));
    return storage::sync_filesystem(directory);
}

/// Deletes all snapshots of type save except one, and except those with subvolumes of their own (an old root
/// whose type was changed), which only the user deletes.
Expected<std::vector<Number>> delete_savepoints(const Writer& writer, std::optional<Number> except) {
    auto snapshots = TRY(list_snapshots(writer.top()));
    std::vector<Number> deleted;
    for (const auto& snapshot : snapshots) {
        if (snapshot.type != SnapshotType::save || !snapshot.usable() || snapshot.number == except) continue;
        auto reason = TRY(reason_to_keep(writer.top(), snapshot.number));
        if (!reason.empty()) continue;
        TRY(delete_snapshot(writer, snapshot.number));
        deleted.push_back(snapshot.number);
    }
    return deleted;
}

}  // namespace

Expected<BootTime> boot_time_now() {
    auto id = TRY(read_small_file("/proc/sys/kernel/random/boot_id", ErrorKind::internal));
    while (id.ends_with('\n')) id.pop_back();
    std::timespec since{};
    if (::clock_gettime(CLOCK_BOOTTIME, &since) != 0) return fail_errno(ErrorKind::internal, "clock");
    return BootTime{.boot_id = std::move(id), .since_boot = std::chrono::seconds(since.tv_sec)};
}

std::chrono::seconds time_left(const PendingSavepoint& pending, const BootTime& now) {
    const bool same_boot = pending.started.boot_id == now.boot_id;
    const auto start = same_boot ? pending.started.since_boot : std::chrono::seconds(0);
    return start + pending.time_to_commit - now.since_boot;
}

std::string format_savepoint(const PendingSavepoint& pending) {
    const auto line = [](std::string_view key, const std::string& value) {
        return std::string(key) + "=" + value + "\n";
    };
    return line(snapshot_key, to_text(pending.snapshot)) +
           line(minutes_key, std::to_string(pending.time_to_commit.count())) +
           line(boot_key, config::single_quoted(pending.started.boot_id)) +
           line(since_key, std::to_string(pending.started.since_boot.count()));
}

std::optional<PendingSavepoint> parse_savepoint(std::string_view text) {
    const auto lines = config::parse_shell_lines(text);
    const auto number = number_named(value_of(lines, snapshot_key));
    const auto minutes = count_in(value_of(lines, minutes_key));
    const auto since = count_in(value_of(lines, since_key));
    auto boot_id = value_of(lines, boot_key);
    if (!number || !minutes || *minutes > longest_savepoint_time.count() || !since || !is_boot_id(boot_id))
        return std::nullopt;
    return PendingSavepoint{
        .snapshot = *number,
        .time_to_commit = std::chrono::minutes(*minutes),
        .started = {.boot_id = std::move(boot_id), .since_boot = std::chrono::seconds(*since)}};
}

Expected<std::optional<PendingSavepoint>> pending_savepoint(const TopLevel& top) {
    const std::string name(savepoint_name);
    if (!entry_exists(top.directory(), name)) return std::nullopt;
    auto text = TRY(read_plain_file(top.directory(), name));
    auto pending = parse_savepoint(text);
    // After a re-flash the number may belong to another snapshot.
    if (pending && !is_savepoint(top, pending->snapshot)) return std::nullopt;
    return pending;
}

namespace {

/// Starts the time of a savepoint whose snapshot and reserve exist.
Expected<void> start_timer(const Writer& writer, const PendingSavepoint& pending) {
    TRY(write_durably(writer.directory(), std::string(savepoint_name), format_savepoint(pending)));
    TRY(delete_savepoints(writer, pending.snapshot));
    return storage::sync_filesystem(writer.directory());
}

}  // namespace

Expected<PendingSavepoint> start_savepoint(const Writer& writer, std::chrono::minutes time,
                                           const BootTime& now) {
    if (time < std::chrono::minutes(1) || time > longest_savepoint_time)
        return fail(ErrorKind::snapshot, "a savepoint can wait for 1 to " +
                                             std::to_string(longest_savepoint_time.count()) + " minutes");
    // Without the reserve the rollback could fail later.
    TRY(make_savepoint_reserve(writer.top()), "no savepoint was made");
    auto snapshot = TRY(create_snapshot(writer, SnapshotType::save, "Savepoint"), "no savepoint was made");
    PendingSavepoint pending{.snapshot = snapshot.number, .time_to_commit = time, .started = now};
    if (auto started = start_timer(writer, pending); !started)
        return pass_on(started, "no savepoint was made, only snapshot " + to_text(pending.snapshot));
    return pending;
}

Expected<std::vector<Number>> commit_savepoints(const Writer& writer) {
    TRY(remove_pending(writer.directory()));
    TRY(delete_savepoint_reserve(writer.top()));
    return delete_savepoints(writer, std::nullopt);
}

Expected<std::optional<RollbackResult>> roll_back_if_due(const Writer& writer, const BootTime& now,
                                                         const HookSettings& hooks, const ReclaimLog& log) {
    auto pending = TRY(pending_savepoint(writer.top()));
    if (!pending || time_left(*pending, now) > std::chrono::seconds(0)) return std::nullopt;
    auto result = TRY(roll_back(writer, pending->snapshot, hooks, log));
    return result;
}

namespace {

constexpr auto kind = ErrorKind::card;

/// Tree nodes of the reserve in addition to those for an exchange: other writes need some.
constexpr std::uint64_t spare_nodes = 144;

/// If the free space for metadata is smaller than this number of reserves, wait first until the space of
/// deleted subvolumes is free: the last savepoint's reserve may be among them.
constexpr std::uint64_t ample_reserves = 4;

/// One attribute fills one node, except for the headers of node, item and name.
constexpr std::size_t headers_in_node = 512;
/// XATTR_SIZE_MAX is larger; the limit of btrfs is the node.
constexpr std::size_t largest_value = 32 << 10;

Expected<std::size_t> node_size(int directory) {
    btrfs_ioctl_fs_info_args info{};
    if (::ioctl(directory, BTRFS_IOC_FS_INFO, &info) != 0) return fail_errno(kind, "the card's btrfs");
    return info.nodesize;
}

Expected<void> fill(int reserve, std::size_t size, std::uint64_t nodes) {
    const std::string value(std::min(size - headers_in_node, largest_value), '.');
    for (std::uint64_t i = 0; i < nodes; ++i) {
        const auto name = "user.reserve." + std::to_string(i);
        if (::fsetxattr(reserve, name.c_str(), value.data(), value.size(), 0) != 0)
            return fail_errno(kind, "space for the rollback cannot be reserved");
    }
    return {};
}

/// Without it each of several savepoints within seconds would occupy the space of one more reserve.
Expected<void> wait_if_pending(int directory) {
    auto pending = TRY(storage::subvolumes_being_freed(directory));
    return pending == 0 ? Expected<void>() : storage::wait_for_freed_space(directory);
}

Expected<void> make(int directory) {
    auto size = TRY(node_size(directory));
    auto space = TRY(storage::btrfs_space(directory));
    const auto nodes = space.exchange.count / size + spare_nodes;
    if (space.for_metadata() < Bytes{nodes * size} * ample_reserves) TRY(wait_if_pending(directory));
    TRY(storage::create_subvolume(directory, reserve_name));
    const UniqueFd reserve(::openat(directory, std::string(reserve_name).c_str(),
                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!reserve) return fail_errno(kind, reserve_name);
    TRY(fill(reserve.get(), size, nodes));
    return storage::sync_filesystem(directory);
}

}  // namespace

Expected<void> make_savepoint_reserve(const TopLevel& top) {
    if (has_savepoint_reserve(top)) return {};
    auto made = make(top.directory());
    if (made) return made;
    // Best effort: the next writer deletes what stays.
    [[maybe_unused]] const auto deleted = delete_savepoint_reserve(top);
    return made;
}

bool has_savepoint_reserve(const TopLevel& top) {
    return storage::is_subvolume(top.directory(), reserve_name);
}

Expected<void> delete_savepoint_reserve(const TopLevel& top) {
    if (!has_savepoint_reserve(top)) return {};
    return storage::delete_subvolume(top.directory(), reserve_name);
}

}  // namespace mox::snapshots
