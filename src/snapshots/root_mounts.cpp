#include "snapshots/root_mounts.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"
#include "storage/subvolume_mounts.hpp"

namespace mox::snapshots {

namespace {

namespace fs = std::filesystem;
using storage::SubvolumeMount;

constexpr auto kind = ErrorKind::card;

/// The id of the mount that is on top at `directory`, as in mountinfo.
Expected<std::uint64_t> mount_id_of(const fs::path& directory) {
    struct statx about{};
    if (::statx(AT_FDCWD, directory.c_str(), 0, STATX_MNT_ID, &about) != 0)
        return fail_errno(kind, directory.native());
    return about.stx_mnt_id;
}

/// As mountinfo has it: absolute, without symbolic links.
fs::path resolved(const fs::path& directory) {
    std::error_code missing;
    auto path = fs::canonical(directory, missing);
    return missing ? directory : path;
}

std::string line_of(std::uint64_t id, const fs::path& directory) {
    return std::to_string(id) + " " + directory.native() + "\n";
}

Expected<void> remember(const fs::path& directory) {
    const auto id = TRY(mount_id_of(directory));
    const fs::path list(mount_list);
    std::error_code failure;
    fs::create_directories(list.parent_path(), failure);
    if (failure) return fail_errno(kind, list.parent_path().native(), failure.value());
    const auto file = TRY(open_file(list, O_WRONLY | O_CREAT | O_APPEND, kind));
    return write_all(file.get(), line_of(id, resolved(directory)), mount_list, kind);
}

/// Whether mount_root has made the mount, and it is the one on top.
bool is_ours(const SubvolumeMount& mount) {
    const auto on_top = mount_id_of(mount.mount_point);
    const auto list = read_small_file(mount_list, kind);
    if (!on_top || *on_top != mount.mount_id || !list) return false;
    return ("\n" + *list).contains("\n" + line_of(mount.mount_id, mount.mount_point));
}

/// The attributes of a mount from its options in mountinfo: "rw,nosuid,noatime".
unsigned attributes_of(std::string_view options) {
    struct Name {
        std::string_view option;
        unsigned attribute;
    };
    constexpr std::array names{
        Name{"ro", MOUNT_ATTR_RDONLY},       Name{"nosuid", MOUNT_ATTR_NOSUID},
        Name{"nodev", MOUNT_ATTR_NODEV},     Name{"noexec", MOUNT_ATTR_NOEXEC},
        Name{"noatime", MOUNT_ATTR_NOATIME}, Name{"nodiratime", MOUNT_ATTR_NODIRATIME},
    };
    unsigned attributes = 0;
    while (!options.empty()) {
        const auto option = take_until(options, ',');
        const auto* const found = std::ranges::find(names, option, &Name::option);
        if (found != names.end()) attributes |= found->attribute;
    }
    return attributes;
}

/// The present root, mounted on no directory yet.
Expected<storage::DetachedMount> detached_root(const fs::path& node, unsigned attributes) {
    const std::array request{storage::MountRequest{
        .type = "btrfs", .options = {{"subvol", std::string(root_name)}}, .attributes = attributes}};
    auto mounted = storage::mount_detached(node, request);
    if (mounted) return std::move(*mounted);
    const auto& [number, message] = mounted.error();
    return fail_errno(kind, "its system cannot be mounted" + (message.empty() ? "" : " (" + message + ")"),
                      number);
}

Expected<void> attach(const storage::DetachedMount& root, const fs::path& directory) {
    if (::move_mount(root.mount.get(), "", AT_FDCWD, directory.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return fail_errno(kind, directory.native());
    // If it cannot be remembered, a rollback tells how to mount the new root in place of doing it.
    [[maybe_unused]] const auto remembered = remember(directory);
    return {};
}

/// Unmounts it, and mounts the present root in its place. Errors: Error::reason() is EBUSY if a program uses
/// it; then it stays.
Expected<void> renew(const TopLevel& top, const SubvolumeMount& mount) {
    // First what can fail.
    const auto root = TRY(detached_root(top.device(), attributes_of(mount.options)));
    if (::umount2(mount.mount_point.c_str(), UMOUNT_NOFOLLOW) != 0)
        return fail_errno(kind, mount.mount_point);
    return attach(root, mount.mount_point);
}

std::string how_to_mount_again(const SubvolumeMount& mount) {
    return "umount " + mount.mount_point + " && mount -o subvol=" + std::string(root_name) + " " +
           mount.source + " " + mount.mount_point;
}

/// Mounts the new root in place of `mount` if it is ours; adds to `found`.
void treat(const TopLevel& top, const SubvolumeMount& mount, const std::string& old_root, RootMounts& found) {
    const auto& place = mount.mount_point;
    const bool by_us = is_ours(mount);
    const auto done = by_us ? renew(top, mount) : Expected<void>();
    if (by_us && done) {
        found.renewed.push_back(place);
        found.lines.push_back(place + " was mounted again and shows the new system now");
        return;
    }
    found.old_state.push_back(place);
    auto& line = found.lines.emplace_back("warning: " + place + " still shows " + old_root +
                                          ", and files changed there do not get into the new system");
    if (!done && done.error().reason() == EBUSY)
        line += ": a program uses it, such as a shell in that directory; leave it, and then: ";
    else
        line += "; mount the new system there: ";
    line += how_to_mount_again(mount);
}

/// The first part of the path of the subvolume that an open directory belongs to: "@" of "@/srv".
Expected<std::string> top_subvolume_of(const TopLevel& top, const fs::path& directory) {
    const auto open = TRY(open_file(directory, O_RDONLY | O_DIRECTORY, kind));
    const auto path = TRY(storage::subvolume_path(top.directory(), open.get()));
    return path.substr(0, path.find('/'));
}

std::string description_of(const TopLevel& top, Number number) {
    const auto snapshot = find_snapshot(top, number);
    const bool is_old_root = snapshot && snapshot->type == SnapshotType::rollback;
    return "snapshot " + to_text(number) + (is_old_root ? ", the state before a rollback" : "");
}

}  // namespace

Expected<void> mount_root(const fs::path& node, const fs::path& directory) {
    const auto root = TRY(detached_root(node, MOUNT_ATTR_NOATIME));
    return attach(root, directory);
}

RootMounts renew_root_mounts(const TopLevel& top, const RollbackResult& result) {
    RootMounts found;
    if (!result.saved_as && result.postponed.empty()) return found;  // there was no root before
    const auto name = result.saved_as ? subvolume_of(*result.saved_as) : std::string(new_root_name);
    const auto old_root =
        "the state before" + (result.saved_as ? ", snapshot " + to_text(*result.saved_as) : std::string());
    const auto info = storage::subvolume_info(top.directory(), name);
    const auto all = storage::subvolume_mounts(top.directory());
    if (!info || !all) {
        found.lines.push_back(
            "warning: a directory on which the system was mounted shows the state before: " +
            (info ? all.error() : info.error()).describe());
        return found;
    }
    auto mounts = storage::mounts_of(*all, std::array{info->id});
    std::erase_if(mounts, [](const SubvolumeMount& mount) { return !mount.is_whole(); });
    const bool is_running = std::ranges::find(mounts, "/", &SubvolumeMount::mount_point) != mounts.end();
    if (is_running)
        found.lines.push_back("files that are changed before the reboot get into " + old_root +
                              ", not into the new system");
    for (const auto& mount : mounts)
        if (mount.mount_point != "/" && (!is_running || is_ours(mount))) treat(top, mount, old_root, found);
    return found;
}

Expected<void> require_root_mounted(const TopLevel& top, const fs::path& directory) {
    const auto place = resolved(directory).native();
    const auto id = TRY(mount_id_of(directory));
    const auto mounts = TRY(storage::subvolume_mounts(top.directory()));
    const auto mount = std::ranges::find(mounts, id, &SubvolumeMount::mount_id);
    if (mount == mounts.end())
        return fail(kind, "another file system is mounted on " + place,
                    {"unmount it first: umount " + place + ", or name another directory"});
    const auto root = TRY(storage::subvolume_info(top.directory(), root_name));
    if (mount->subvolume == root.id && mount->is_whole()) return {};
    if (!is_ours(*mount))
        return fail(kind, place + " shows " + mount->name.substr(1) + ", not the card's system",
                    {"unmount it first: umount " + place});
    auto renewed = renew(top, *mount);
    if (renewed || renewed.error().reason() != EBUSY) return renewed;
    return fail(kind,
                place + " shows the state before a rollback, and a program uses it, such as a shell in it",
                {"leave it, and try again"});
}

Expected<std::string> snapshot_shown(const TopLevel& top, const fs::path& directory) {
    const auto name = TRY(top_subvolume_of(top, directory));
    if (name == new_root_name) return std::string("the state before a rollback");
    const auto number = number_of_subvolume(name);
    return number ? description_of(top, *number) : std::string();
}

}  // namespace mox::snapshots
