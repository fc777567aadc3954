#include "storage/mount.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/block_device.hpp"
#include "storage/device_users.hpp"
#include "storage/write_protection.hpp"

namespace mox::storage {

namespace {

const unsigned source_attributes =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME;
const unsigned stick_attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
const unsigned card_attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME;

MountRequest read_only_request(std::string type, std::vector<MountOption> options) {
    options.insert(options.begin(), MountOption{.name = "ro", .value = ""});
    return {.type = std::move(type), .options = std::move(options), .attributes = source_attributes};
}

/// Mount requests that read a file system without writing to it, best first. Even `ro` replays a journal
/// without a further option (ext4: noload, btrfs: rescue=nologreplay since Linux 5.9, XFS: norecovery).
std::vector<MountRequest> requests_to_read(const std::string& filesystem) {
    // The ext4 driver reads ext2 and ext3 too.
    if (filesystem == "ext2" || filesystem == "ext3" || filesystem == "ext4")
        return {read_only_request("ext4", {{"noload", ""}})};
    // Without subvolid the kernel mounts the default subvolume, which may not be the root directory.
    if (filesystem == "btrfs")
        return {read_only_request("btrfs", {{"rescue", "nologreplay"}, {"subvolid", "5"}})};
    if (filesystem == "xfs") return {read_only_request("xfs", {{"norecovery", ""}})};
    // File names as UTF-8, if the kernel has the tables; names of medkits are ASCII anyway.
    if (filesystem == "vfat")
        return {read_only_request("vfat", {{"utf8", ""}}), read_only_request("vfat", {{"utf8", "1"}}),
                read_only_request("vfat", {})};
    if (filesystem == "exfat")
        return {read_only_request("exfat", {{"iocharset", "utf8"}}), read_only_request("exfat", {})};
    // ntfs3 exists since Linux 5.15; before, the older read-only driver.
    if (filesystem == "ntfs")
        return {read_only_request("ntfs3", {{"iocharset", "utf8"}}), read_only_request("ntfs3", {}),
                read_only_request("ntfs", {})};
    return {read_only_request(filesystem, {})};
}

/// The same for writing: a journal is replayed.
std::vector<MountRequest> requests_to_write(const std::string& filesystem) {
    auto requests = requests_to_read(filesystem);
    for (auto& request : requests) {
        std::erase_if(request.options, [](const MountOption& option) {
            return option.name == "ro" || option.name == "noload" || option.name == "rescue" ||
                   option.name == "norecovery";
        });
        request.attributes = stick_attributes;
    }
    return requests;
}

std::string reason_of(const MountRefusal& refusal) {
    const auto text = std::generic_category().message(refusal.error_number);
    return refusal.kernel_message.empty() ? text : text + "; " + refusal.kernel_message;
}

/// Ends "it is in use". `users` is empty when none was found.
std::string in_use_by(const std::string& users) {
    return users.empty() ? " by another program" : ": " + users;
}

Error explain(const MountRefusal& refusal, std::string_view filesystem, const std::filesystem::path& node) {
    constexpr auto kind = ErrorKind::medkit;
    const std::string name(filesystem_name(filesystem));
    switch (refusal.error_number) {
        case ENODEV:
            return {kind, "this system cannot read " + name,
                    Hint{filesystem == "vfat" ? "put the medkit on a drive with ext4 or Btrfs"
                                              : "put the medkit on a drive with ext4, Btrfs or FAT32"}};
        case EBUSY:
            return {kind, "it is in use" + in_use_by(users_of(node)), Hint{"unmount it first"}};
        case EEXIST:
            return {kind, "another drive with the same " + name + " (a copy of this one) is in use",
                    Hint{"unplug one of them"}};
        case ENOMEDIUM:
            return {kind, "there is no medium in it"};
        case EPERM:
            return {kind, "only root can mount it"};
        default:
            if (is_file_system_damage(refusal.error_number))
                return {kind, "its " + name + " is damaged or cannot be read (" + reason_of(refusal) + ")"};
            return {kind, "its " + name + " could not be mounted (" + reason_of(refusal) + ")",
                    Hint{"try again"}};
    }
}

/// Mounts, and tries once more if the file system itself refuses: a card may be formatted for that error.
std::expected<DetachedMount, MountRefusal> mount_with_retry(const std::filesystem::path& node,
                                                            std::span<const MountRequest> requests) {
    auto mounted = mount_detached(node, requests);
    if (mounted || !is_file_system_damage(mounted.error().error_number)) return mounted;
    return mount_detached(node, requests);
}

std::unexpected<SourceError> source_error(const Volume& volume, Error error, bool damaged = false) {
    return std::unexpected(SourceError{std::move(error).with_context(volume.describe()), damaged});
}

/// The node of the disk that holds a partition; for a whole disk its own node.
std::filesystem::path disk_of(const Volume& volume) {
    return volume.partition == 0 ? volume.node : volume.drive.node;
}

Expected<std::vector<std::shared_ptr<WriteProtection>>> protect(const Volume& volume) {
    constexpr auto kind = ErrorKind::medkit;
    std::vector<std::shared_ptr<WriteProtection>> protections;
    auto partition = TRY(WriteProtection::protect(volume.node, kind), volume.describe());
    protections.push_back(std::move(partition));
    // Other programs may use the rest of the disk (a PC's own disk): then it is not protected.
    if (disk_of(volume) != volume.node)
        if (auto disk = WriteProtection::protect(disk_of(volume), kind))
            protections.push_back(std::move(*disk));
    return protections;
}

}  // namespace

Mount::Mount(std::filesystem::path node, DetachedMount mounted, Protections protections)
    : node_(std::move(node)), protections_(std::move(protections)), mounted_(std::move(mounted)) {}

Mount::Mount(Mount&&) noexcept = default;

Mount& Mount::operator=(Mount&& other) noexcept {
    if (this == &other) return *this;
    mounted_ = {};
    node_ = std::move(other.node_);
    protections_ = std::move(other.protections_);
    mounted_ = std::move(other.mounted_);
    return *this;
}

Mount::~Mount() = default;

std::filesystem::path Mount::path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(root()) + "/";
}

Expected<AfterUnmount> Mount::unmount() {
    if (!mounted_.root) return AfterUnmount::free;
    const bool written = !protections_.empty() || ::syncfs(mounted_.root.get()) == 0;
    const int reason = errno;
    const bool shared =
        std::ranges::any_of(protections_, [](const auto& one) { return one.use_count() > 1; });
    mounted_ = {};
    protections_.clear();
    if (!written) return fail_errno(ErrorKind::card, node_.native() + " could not be written", reason);
    if (shared) return AfterUnmount::in_use;
    // The kernel keeps a file system, and the claim on its device, as long as one file of it is open.
    const bool free = open_block_device(node_, O_RDONLY | O_EXCL, ErrorKind::card).has_value();
    return free ? AfterUnmount::free : AfterUnmount::in_use;
}

std::expected<Mount, SourceError> mount_read_only(const Volume& volume) {
    if (!volume.error.empty()) return source_error(volume, {ErrorKind::medkit, volume.error});
    if (volume.filesystem.empty())
        return source_error(volume, {ErrorKind::medkit, "there is no file system that this system knows"});

    auto protections = protect(volume);
    if (!protections) return std::unexpected(SourceError{std::move(protections).error()});
    auto mounted = mount_with_retry(volume.node, requests_to_read(volume.filesystem));
    if (mounted) return Mount(volume.node, std::move(*mounted), std::move(*protections));
    return source_error(volume, explain(mounted.error(), volume.filesystem, volume.node),
                        is_file_system_damage(mounted.error().error_number));
}

Expected<Mount> mount_source(const Volume& volume) {
    auto mount = mount_read_only(volume);
    if (!mount) return std::unexpected(std::move(mount.error().error));
    return std::move(*mount);
}

Expected<Mount> mount_stick(const Volume& volume) {
    auto mounted = mount_detached(volume.node, requests_to_write(volume.filesystem));
    if (mounted) return Mount(volume.node, std::move(*mounted), {});
    return pass_on(Expected<Mount>(std::unexpected(explain(mounted.error(), volume.filesystem, volume.node))),
                   volume.describe());
}

std::expected<DetachedMount, MountRefusal> mount_btrfs(const std::filesystem::path& node,
                                                       const MountRequest& request) {
    auto mounted = mount_with_retry(node, std::array{request});
    if (mounted || !is_file_system_damage(mounted.error().error_number)) return mounted;
    return std::unexpected(
        MountRefusal{.error_number = EUCLEAN, .kernel_message = reason_of(mounted.error())});
}

Expected<Mount> mount_card(const std::filesystem::path& node) {
    auto mounted =
        mount_btrfs(node, {.type = "btrfs", .options = {{"subvolid", "5"}}, .attributes = card_attributes});
    if (!mounted && mounted.error().error_number == EUCLEAN)
        return std::unexpected(Error(ErrorKind::card,
                                     node.native() + ": its Btrfs is damaged and cannot be mounted (" +
                                         mounted.error().kernel_message + ")",
                                     EUCLEAN));
    if (!mounted)
        return std::unexpected(Error(ErrorKind::card, node.native() + ": " + reason_of(mounted.error()),
                                     mounted.error().error_number));
    return Mount(node, std::move(*mounted), {});
}

namespace {

/// The messages of the file system driver in the mount context ("e unknown option"), without the letter.
/// Drivers that write only to the kernel log leave none.
std::string messages_of(int context) {
    std::string text;
    std::array<char, 512> line{};
    for (;;) {
        const ssize_t got = ::read(context, line.data(), line.size());
        if (got <= 0) return text;
        std::string message(line.data(), static_cast<std::size_t>(got));
        while (!message.empty() && message.back() == '\n') message.pop_back();
        if (message.size() > 2 && message[1] == ' ') message.erase(0, 2);
        if (!text.empty()) text += "; ";
        text += message;
    }
}

std::unexpected<MountRefusal> refused(int context) {
    const int reason = errno;
    return std::unexpected(MountRefusal{reason, context < 0 ? std::string() : messages_of(context)});
}

bool set_option(int context, const MountOption& option) {
    if (option.value.empty())
        return ::fsconfig(context, FSCONFIG_SET_FLAG, option.name.c_str(), nullptr, 0) == 0;
    return ::fsconfig(context, FSCONFIG_SET_STRING, option.name.c_str(), option.value.c_str(), 0) == 0;
}

std::expected<DetachedMount, MountRefusal> try_to_mount(const std::filesystem::path& node,
                                                        const MountRequest& request) {
    const UniqueFd context(::fsopen(request.type.c_str(), FSOPEN_CLOEXEC));
    if (!context) return refused(-1);
    if (!set_option(context.get(), {"source", node.native()})) return refused(context.get());
    for (const auto& option : request.options)
        if (!set_option(context.get(), option)) return refused(context.get());
    if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return refused(context.get());

    UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, request.attributes));
    if (!mount) return refused(context.get());
    UniqueFd root(::openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return refused(-1);
    return DetachedMount{std::move(mount), std::move(root)};
}

}  // namespace

Expected<bool> is_mount_point(const std::filesystem::path& directory) {
    struct statx about{};
    if (::statx(AT_FDCWD, directory.c_str(), 0, STATX_TYPE, &about) != 0)
        return fail_errno(ErrorKind::internal, directory.native());
    return (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

bool is_file_system_damage(int error_number) {
    constexpr std::array damage{
        EUCLEAN,    // EFSCORRUPTED in the kernel's drivers
        EBADMSG,    // EFSBADCRC
        EINVAL,     // a superblock with impossible values
        ENOENT,     // btrfs: a required tree is missing
        EOVERFLOW,  // btrfs: a chunk or a device beyond its limits
        EFBIG,      // larger than its device
        ENOSPC,     // btrfs: no free space to replay the log
        EIO,
        ENODATA,    // BLK_STS_MEDIUM: the medium lost the sector
        EREMOTEIO,  // BLK_STS_TARGET: the device refuses the sector
        EILSEQ,     // BLK_STS_PROTECTION
    };
    return std::ranges::find(damage, error_number) != damage.end();
}

std::expected<DetachedMount, MountRefusal> mount_detached(const std::filesystem::path& node,
                                                          std::span<const MountRequest> requests) {
    MountRefusal last;
    for (const auto& request : requests) {
        auto mounted = try_to_mount(node, request);
        if (mounted) return mounted;
        const int reason = mounted.error().error_number;
        const bool next_may_work = reason == ENODEV || reason == EINVAL;
        if (last.error_number == 0 || last.error_number == ENODEV) last = std::move(mounted).error();
        if (!next_may_work) break;
    }
    return std::unexpected(std::move(last));
}

}  // namespace mox::storage
