#include "snapshots/top_level.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "snapshots/uuid_text.hpp"
#include "storage/block_device.hpp"
#include "storage/mount.hpp"
#include "storage/probe.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

storage::MountRequest request_for(Purpose purpose) {
    const unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME;
    if (purpose == Purpose::change)
        return {.type = "btrfs", .options = {{"subvolid", "5"}}, .attributes = attributes};
    // If the file system is also mounted for writing, by another program or one of our writers, only this
    // mount is read-only. Otherwise the kernel writes only to replay the log of the last power cut.
    return {.type = "btrfs",
            .options = {{"ro", ""}, {"subvolid", "5"}},
            .attributes = attributes | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC};
}

std::unexpected<Error> mount_refused(const std::filesystem::path& node,
                                     const storage::MountRefusal& refusal) {
    if (refusal.error_number == EPERM || refusal.error_number == EACCES)
        return fail(ErrorKind::snapshot, "only root can work with snapshots");
    if (refusal.error_number == EROFS)
        return std::unexpected(Error(ErrorKind::card, node.native() + " is write protected", EROFS));
    if (refusal.error_number == EUCLEAN)
        return std::unexpected(Error(ErrorKind::card,
                                     node.native() + ": its Btrfs is damaged and cannot be mounted (" +
                                         refusal.kernel_message + ")",
                                     EUCLEAN)
                                   .with_hint({"mode 4 of the rescue system installs a new system"}));
    auto text = node.native() +
                ": its Btrfs cannot be mounted: " + std::generic_category().message(refusal.error_number);
    if (!refusal.kernel_message.empty()) text += " (" + refusal.kernel_message + ")";
    return std::unexpected(Error(ErrorKind::card, text, refusal.error_number));
}

/// "0123abcd-..." as /sys/fs/btrfs names it.
std::string uuid_text(const storage::Uuid& uuid) {
    auto text = to_text(uuid);
    for (const auto at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
    return text;
}

/// A device of a mounted btrfs, found in sysfs. The path that the driver stores may be that of an initramfs
/// ("/dev/root"), so it is not used.
Expected<std::filesystem::path> device_behind(int directory, const std::filesystem::path& name) {
    const auto uuid = TRY(storage::file_system_uuid(directory), name.native());
    const auto device_list = std::filesystem::path("/sys/fs/btrfs") / uuid_text(uuid) / "devices";
    std::error_code error;
    std::vector<std::filesystem::path> devices;
    for (auto entry = std::filesystem::directory_iterator(device_list, error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        devices.push_back(entry->path());
    if (error || devices.empty())
        return fail(ErrorKind::card, name.native() + ": " + device_list.native() + " lists no device");
    return storage::node_of(std::ranges::min(devices), ErrorKind::card);
}

/// Fails if the device holds no btrfs.
Expected<void> require_btrfs(const std::filesystem::path& node) {
    auto device = TRY(storage::open_block_device(node, O_RDONLY, ErrorKind::card));
    auto found = TRY(storage::probe_filesystem(device.get(), node, ErrorKind::card));
    if (found.filesystem == "btrfs") return {};
    const auto what = found.filesystem.empty() ? std::string("no file system") : found.filesystem;
    return fail(ErrorKind::snapshot,
                node.native() + " holds " + what + ", not Btrfs: there are no snapshots to work with");
}

}  // namespace

TopLevel::TopLevel(std::filesystem::path device, storage::DetachedMount mounted)
    : device_(std::move(device)), mounted_(std::move(mounted)) {}

Expected<TopLevel> TopLevel::of_mounted(const std::filesystem::path& directory, Purpose purpose) {
    auto open = TRY(open_file(directory, O_RDONLY | O_DIRECTORY, ErrorKind::snapshot));
    struct statfs about{};
    if (::fstatfs(open.get(), &about) != 0) return fail_errno(ErrorKind::snapshot, directory.native());
    if (about.f_type != BTRFS_SUPER_MAGIC)
        return fail(ErrorKind::snapshot,
                    directory.native() + " is not on Btrfs: there are no snapshots to work with");
    auto device = TRY(device_behind(open.get(), directory));
    return mount(std::move(device), purpose);
}

Expected<TopLevel> TopLevel::on_device(const std::filesystem::path& node, Purpose purpose) {
    TRY(require_btrfs(node));
    return mount(node, purpose);
}

Expected<TopLevel> TopLevel::mount(std::filesystem::path device, Purpose purpose) {
    auto mounted = storage::mount_btrfs(device, request_for(purpose));
    if (!mounted) return mount_refused(device, mounted.error());
    return TopLevel(std::move(device), std::move(*mounted));
}

Expected<TopLevel> TopLevel::at(const std::filesystem::path& place, Purpose purpose) {
    struct stat about{};
    if (::stat(place.c_str(), &about) != 0) return fail_errno(ErrorKind::snapshot, place.native());
    return S_ISBLK(about.st_mode) ? on_device(place, purpose) : of_mounted(place, purpose);
}

std::filesystem::path TopLevel::path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(directory());
}

}  // namespace mox::snapshots
