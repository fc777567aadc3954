// `schnapps mount`: mounts snapshots for the user.

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <utility>

#include "cli/schnapps/commands.hpp"
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

Expected<bool> is_mount_point(const fs::path& directory) {
    struct statx about{};
    if (::statx(AT_FDCWD, directory.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &about) != 0)
        return fail_errno(ErrorKind::internal, directory.native());
    return (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
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

Expected<fs::path> mount_target(const TopLevel& top, const Target& target) {
    TRY(snapshots::require_usable(top, target));
    const auto name = subvolume_of(target);
    fs::path directory = std::string(mount_point_prefix) + name;
    TRY(make_directory(directory));
    auto occupied = TRY(is_mount_point(directory));
    if (occupied)
        return fail(ErrorKind::snapshot,
                    "something is mounted on " + directory.native() + " already; unmount it first");
    TRY(mount_subvolume(top, name, directory));
    return directory;
}

}  // namespace

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

}  // namespace mox::cli::schnapps
