// `schnapps mount`: snapshots where a person can look into them.

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

constexpr std::string_view folder_prefix = "/mnt/snapshot-";

Expected<void> make_folder(const fs::path& folder) {
    std::error_code trouble;
    fs::create_directories(folder, trouble);
    if (trouble) return fail_errno(ErrorKind::internal, folder.native(), trouble.value());
    return {};
}

Expected<bool> is_mount_point(const fs::path& folder) {
    struct statx about{};
    if (::statx(AT_FDCWD, folder.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &about) != 0)
        return fail_errno(ErrorKind::internal, folder.native());
    return (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Expected<void> mount_subvolume(const TopLevel& top, const std::string& name, const fs::path& folder) {
    auto info = TRY(storage::subvolume_info(top.directory(), name));
    // By id: a name could be another subvolume's by now. The subvolume's own flag says whether it is
    // writable.
    const std::array request{storage::MountRequest{.type = "btrfs",
                                                   .options = {{"subvolid", std::to_string(info.id)}},
                                                   .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV}};
    auto mounted = storage::mount_detached(top.device(), request);
    if (!mounted)
        return fail_errno(ErrorKind::card, name + " cannot be mounted", mounted.error().error_number);
    if (::move_mount(mounted->mount.get(), "", AT_FDCWD, folder.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return fail_errno(ErrorKind::internal, folder.native());
    return {};
}

Expected<fs::path> mount_target(const TopLevel& top, const Target& target) {
    TRY(snapshots::require_usable(top, target));
    const auto name = subvolume_of(target);
    fs::path folder = std::string(folder_prefix) + name;
    TRY(make_folder(folder));
    auto occupied = TRY(is_mount_point(folder));
    if (occupied)
        return fail(ErrorKind::snapshot,
                    "something is mounted on " + folder.native() + " already; unmount it first");
    TRY(mount_subvolume(top, name, folder));
    return folder;
}

}  // namespace

Expected<std::string> run(const Mount& command, Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::change));
    std::string text;
    std::vector<std::string> folders;
    for (const auto& target : command.targets) {
        auto folder = TRY(mount_target(top, target));
        text += "Snapshot " + to_text(target) + " mounted on " + folder.native() + "\n";
        folders.push_back(folder.native());
    }
    return session.json() ? json_of({{"mounted_on", std::move(folders)}}) : text;
}

}  // namespace mox::cli::schnapps
