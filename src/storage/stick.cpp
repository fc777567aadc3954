#include "storage/stick.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/child_process.hpp"
#include "base/unique_fd.hpp"
#include "storage/block_device.hpp"
#include "storage/partition_table.hpp"
#include "storage/removable_disk.hpp"
#include "storage/write_protection.hpp"

namespace mox::storage {

namespace {

namespace fs = std::filesystem;

constexpr auto kind = ErrorKind::medkit;
constexpr std::chrono::minutes longest_formatting{5};

/// What the rescue image has drivers for (image/kernel.config), and Linux writes.
bool is_readable_for_rescue(const Volume& volume) {
    constexpr std::array<std::string_view, 7> known{"vfat", "exfat", "ext2", "ext3", "ext4", "btrfs", "ntfs"};
    return volume.error.empty() && std::ranges::find(known, volume.filesystem) != known.end();
}

bool holds_nothing(const Volume& volume) {
    return volume.error.empty() && volume.filesystem.empty();
}

/// The disk of a partition, or the node itself.
Expected<Drive> drive_of(const fs::path& node, int open) {
    auto number = TRY(block_device_number(open, node, kind));
    auto sysfs = sysfs_directory(number);
    Drive drive{.node = node, .role = DriveRole::usb};
    if (is_partition(sysfs)) {
        std::error_code unplugged;
        sysfs = fs::canonical(sysfs, unplugged).parent_path();
        if (unplugged) return fail(kind, node.native() + " is not there", {"was it pulled out?"});
        drive.node = TRY(node_of(sysfs, kind));
    }
    drive.model = model_of(sysfs);
    return drive;
}

Expected<void> require_removable(const Drive& drive) {
    const auto open = TRY(open_block_device(drive.node, O_RDONLY, kind));
    const auto number = TRY(block_device_number(open.get(), drive.node, kind));
    if (is_removable(sysfs_directory(number))) return {};
    return fail(kind,
                drive.node.native() + " is not a removable disk" +
                    (drive.model.empty() ? "" : " (" + drive.model + ")"),
                {"lsblk shows the disks; --fixed-disk accepts this one"});
}

Expected<void> require_writable(const fs::path& node) {
    if (!TRY(is_read_only_by_itself(node, kind))) return {};
    return fail(kind, node.native() + " is write protected",
                {"look for a switch on it or on its adapter, or use another one"});
}

Expected<UniqueFd> open_named(const fs::path& node) {
    auto open = open_block_device(node, O_RDONLY, kind);
    if (!open && (open.error().reason() == EACCES || open.error().reason() == EPERM))
        return std::unexpected(std::move(open).error().with_hint(
            {"run it as root (sudo), or name the directory where it is mounted"}));
    return open;
}

std::unexpected<Error> fail_unreadable(const Stick& stick, const std::vector<Volume>& volumes) {
    const auto blank = std::ranges::find_if(
        volumes, [](const Volume& volume) { return volume.partition != 0 && holds_nothing(volume); });
    const auto hint = blank == volumes.end()
                          ? "use another stick, or erase this one first: wipefs --all " + stick.node.native()
                          : "to format its empty partition, name that: " + blank->node.native();
    return fail(kind, "there is no file system on it that mode 4 reads: " + stick.disk.describe(), {hint});
}

}  // namespace

Expected<Stick> examine_stick(const fs::path& node, AcceptedDisks accepted) {
    Stick stick{.node = node};
    {
        const auto open = TRY(open_named(node));
        stick.disk.drive = TRY(drive_of(node, open.get()));
        stick.size = TRY(block_device_size(open.get(), node, kind));
    }
    if (accepted == AcceptedDisks::removable) TRY(require_removable(stick.disk.drive));
    if (stick.size == Bytes{}) return fail(kind, node.native() + ": there is no medium in it");
    TRY(require_writable(stick.disk.drive.node));
    TRY(require_writable(node));
    TRY(open_block_device(node, O_RDONLY | O_EXCL, kind));

    stick.disk = TRY(summarize(stick.disk.drive));
    auto volumes = stick.disk.volumes;
    if (stick.disk.drive.node != node)
        std::erase_if(volumes, [&](const Volume& volume) { return !is_same_device(volume.node, node); });
    std::ranges::copy_if(volumes, std::back_inserter(stick.readable), is_readable_for_rescue);
    const bool is_named =
        volumes.size() == 1 && (volumes.front().partition == 0 || stick.disk.drive.node != node);
    stick.is_empty = is_named && holds_nothing(volumes.front());
    if (stick.readable.empty() && !stick.is_empty) return fail_unreadable(stick, volumes);
    return stick;
}

Expected<void> require_stick_formatter() {
    // fsopen loads the driver.
    if (!UniqueFd(::fsopen("vfat", FSOPEN_CLOEXEC)) && errno == ENODEV)
        return fail(ErrorKind::internal,
                    "this system has no driver for FAT32, with which sticks are formatted",
                    {"format the stick with ext4 or Btrfs by another program"});
    if (run_child({"mkfs.vfat", "--help"}, longest_formatting)) return {};
    return fail(ErrorKind::internal, "mkfs.vfat, which formats sticks, is missing",
                {"install dosfstools, or format the stick with FAT32 by another program"});
}

Expected<Volume> format_stick(const Stick& stick) {
    const auto& disk = stick.disk.drive;
    const auto open = TRY(open_block_device(disk.node, O_RDWR, kind));
    // udev must not read the partition table while it changes (systemd's "Locking Block Device Access").
    if (::flock(open.get(), LOCK_EX) != 0) return fail_errno(kind, disk.node.native());
    Volume volume{.drive = disk, .node = stick.node, .size = stick.size, .filesystem = "vfat"};
    if (disk.node == stick.node) {
        TRY(register_partitions(open.get(), disk.node, {}, kind));
        const auto partition =
            TRY(write_partition_table(open.get(), disk.node, PartitionType::fat32_lba, kind));
        const std::array wanted{partition};
        const auto refused = TRY(register_partitions(open.get(), disk.node, wanted, kind));
        if (!refused.empty())
            return fail(kind, "the kernel refuses the new partition: " + refused.front().message);
        volume.partition = partition.number;
        volume.node = TRY(partition_node(open.get(), disk.node, partition.number, kind));
        volume.size = partition.size;
    } else {
        const auto named = std::ranges::find_if(
            stick.disk.volumes, [&](const Volume& one) { return is_same_device(one.node, stick.node); });
        if (named != stick.disk.volumes.end()) volume.partition = named->partition;
    }
    TRY(run_child_successfully({"mkfs.vfat", "-F", "32", "-n", "MEDKIT", volume.node.native()},
                               longest_formatting, kind),
        volume.node.native() + " cannot be formatted");
    return volume;
}

}  // namespace mox::storage
