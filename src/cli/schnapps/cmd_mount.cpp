// `schnapps mount` and `unmount`: snapshots where the user can look at them.

#include <fcntl.h>
#include <sys/mount.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/unique_fd.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/listing.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;
using snapshots::Target;
using snapshots::TopLevel;

constexpr std::string_view mount_point_prefix = "/mnt/snapshot-";

Expected<void> make_directory(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) return fail_errno(ErrorKind::internal, directory.native(), error.value());
    return {};
}

Expected<void> mount_subvolume(const TopLevel& top, const std::string& name, const fs::path& directory) {
    auto info = TRY(storage::subvolume_info(top.directory(), name));
    // By id: the name may belong to another subvolume by now. The subvolume's own flag decides whether it is
    // writable.
    const std::array request{storage::MountRequest{.type = "btrfs",
                                                   .options = {{"subvolid", std::to_string(info.id)}},
                                                   .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV}};
    auto mounted = storage::mount_detached(top.device(), request);
    if (!mounted)
        return fail_errno(ErrorKind::card, name + " cannot be mounted", mounted.error().error_number);
    if (::move_mount(mounted->mount.get(), "", AT_FDCWD, directory.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return fail_errno(ErrorKind::internal, directory.native());
    return {};
}

fs::path mount_point_of(const Target& target) {
    return std::string(mount_point_prefix) + subvolume_of(target);
}

/// Whether the subvolume is mounted on the directory. Errors (`snapshot`): another file system is.
Expected<bool> is_mounted(const TopLevel& top, const Target& target, const fs::path& directory) {
    if (!TRY(storage::is_mount_point(directory))) return false;
    const UniqueFd parent(::open(directory.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent) return fail_errno(ErrorKind::internal, directory.native());
    const auto wanted = TRY(storage::subvolume_info(top.directory(), subvolume_of(target)));
    const auto mounted = storage::subvolume_info(parent.get(), directory.filename().native());
    if (mounted && mounted->uuid == wanted.uuid) return true;
    return fail(ErrorKind::snapshot, "something is mounted on " + directory.native() +
                                         " already; unmount it first: umount " + directory.native());
}

/// Mounts it, unless it is mounted already.
Expected<fs::path> mount_target(const TopLevel& top, const Target& target) {
    TRY(snapshots::require_usable(top, target));
    auto directory = mount_point_of(target);
    TRY(make_directory(directory));
    if (!TRY(is_mounted(top, target, directory))) TRY(mount_subvolume(top, subvolume_of(target), directory));
    return directory;
}

/// Unmounts it, and removes the empty mount point.
Expected<fs::path> unmount_target(const TopLevel& top, const Target& target) {
    TRY(snapshots::require_usable(top, target));
    auto directory = mount_point_of(target);
    std::error_code missing;
    if (!fs::exists(directory, missing) || !TRY(is_mounted(top, target, directory)))
        return fail(ErrorKind::snapshot,
                    "snapshot " + to_text(target) + " is not mounted on " + directory.native());
    if (::umount2(directory.c_str(), UMOUNT_NOFOLLOW) != 0)
        return fail_errno(ErrorKind::snapshot, directory.native() + " cannot be unmounted");
    fs::remove(directory, missing);  // a directory that stays does no harm
    return directory;
}

Expected<std::vector<Target>> targets_in(const std::vector<std::string>& words) {
    std::vector<Target> targets;
    for (const auto& word : words) {
        auto target = target_in(word);
        if (!target && word.contains('/'))
            return wrong_usage("\"" + word +
                               "\" is a path, but a number is meant: snapshot N is mounted on " +
                               std::string(mount_point_prefix) + "@N");
        targets.push_back(TRY(std::move(target)));
    }
    return targets;
}

Expected<Command> make_mount(const Parsed& parsed) {
    auto targets = TRY(targets_in(parsed.words));
    return Mount{std::move(targets)};
}

Expected<Command> make_unmount(const Parsed& parsed) {
    auto targets = TRY(targets_in(parsed.words));
    return Unmount{std::move(targets)};
}

}  // namespace

const Entry mount_command{
    {.name = "mount", .words = "N|factory...", .help = "mount snapshots on /mnt/snapshot-@N"}, &make_mount};

const Entry unmount_command{{.name = "unmount", .words = "N|factory...", .help = "end what `mount` did"},
                            &make_unmount};

Expected<std::string> run(const Mount& command, Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::change));
    std::string text;
    std::vector<std::string> mount_points;
    for (const auto& target : command.targets) {
        auto directory = TRY(mount_target(top, target));
        text += "Snapshot " + to_text(target) + " mounted on " + directory.native() + "\n";
        mount_points.push_back(directory.native());
    }
    return session.json() ? json_of({{"mounted_on", std::move(mount_points)}}) : text;
}

Expected<std::string> run(const Unmount& command, Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::read));
    std::string text;
    std::vector<std::string> mount_points;
    for (const auto& target : command.targets) {
        const auto directory = TRY(unmount_target(top, target));
        text += "Snapshot " + to_text(target) + " unmounted from " + directory.native() + "\n";
        mount_points.push_back(directory.native());
    }
    return session.json() ? json_of({{"unmounted_from", std::move(mount_points)}}) : text;
}

}  // namespace mox::cli::schnapps
