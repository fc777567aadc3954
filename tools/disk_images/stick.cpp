#include "disk_images/stick.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/descriptor_path.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "disk_images/fuse_mount.hpp"
#include "disk_images/image_file.hpp"
#include "storage/drive.hpp"
#include "storage/loop_device.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"

namespace mox::disk_images {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using namespace unit_literals;

constexpr auto kind = ErrorKind::internal;
constexpr Bytes stick_size = 1_GiB;
constexpr std::uint32_t sector_size = 512;
constexpr std::uint32_t first_sector = 2048;  // 1 MiB: the usual start of the first partition

void put_le32(std::string& bytes, std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[offset + i] = static_cast<char>(value >> (8 * i));
}

/// Type bytes of a DOS partition table.
std::uint8_t partition_type(StickFilesystem filesystem) {
    switch (filesystem) {
        case StickFilesystem::fat32:
            return 0x0c;  // FAT32 with LBA
        case StickFilesystem::exfat:
            return 0x07;
        case StickFilesystem::ext4:
        case StickFilesystem::btrfs:
            break;
    }
    return 0x83;
}

/// A DOS partition table with one primary partition on the whole stick.
std::string partition_table(std::uint8_t type) {
    std::string sector(sector_size, '\0');
    constexpr std::size_t entry = 446;
    sector[entry + 4] = static_cast<char>(type);
    put_le32(sector, entry + 8, first_sector);
    put_le32(sector, entry + 12, static_cast<std::uint32_t>(stick_size.count / sector_size) - first_sector);
    sector[510] = '\x55';
    sector[511] = '\xaa';
    return sector;
}

Expected<void> write_partition_table(const fs::path& image, StickFilesystem filesystem) {
    auto file = open_file(image, O_WRONLY, kind);
    if (!file) return pass_on(file);
    return write_all(file->get(), partition_table(partition_type(filesystem)), image.string(), kind);
}

std::vector<std::string> format_command(const fs::path& node, StickFilesystem filesystem) {
    switch (filesystem) {
        case StickFilesystem::fat32:
            return {"mkfs.vfat", "-F", "32", "-n", "MEDKIT", node};
        case StickFilesystem::exfat:
            return {"mkfs.exfat", "-L", "MEDKIT", node};
        case StickFilesystem::btrfs:
            return {"mkfs.btrfs", "--quiet", "--force", "--label", "medkit", node};
        case StickFilesystem::ext4:
            break;
    }
    return {"mkfs.ext4", "-q", "-F", "-L", "medkit", node};
}

Expected<std::vector<fs::path>> files_in(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed)) files.push_back(entry.path());
    if (failed) return fail_errno(kind, directory.string(), failed.value());
    std::ranges::sort(files);
    return files;
}

Expected<void> copy_files(const std::vector<fs::path>& files, const fs::path& root) {
    std::error_code failed;
    for (const auto& file : files) {
        fs::copy_file(file, root / file.filename(), failed);
        if (failed) return fail_errno(kind, "copying " + file.string(), failed.value());
    }
    return {};
}

Expected<void> copy_with_mtools(const std::vector<fs::path>& files, const fs::path& node) {
    if (files.empty()) return {};
    std::vector<std::string> argv{"mcopy", "-i", node};
    argv.insert(argv.end(), files.begin(), files.end());
    argv.emplace_back("::");
    return run_child_successfully(argv, 120s, kind);
}

Expected<void> copy_with_fuse(const std::vector<fs::path>& files, const fs::path& node) {
    auto mounted = FuseMount::exfat(node);
    if (!mounted) return pass_on(mounted);
    if (auto copied = copy_files(files, mounted->path()); !copied) return copied;
    return mounted->unmount();
}

Expected<void> copy_with_kernel(const std::vector<fs::path>& files, const fs::path& node,
                                StickFilesystem filesystem) {
    const std::string type(name_of(filesystem));  // ext4 and btrfs: the kernel's name too
    const std::array requests{storage::MountRequest{.type = type, .options = {}}};
    auto mounted = storage::mount_detached(node, requests);
    if (!mounted)
        return fail_errno(kind, "mounting the stick's image as " + type, mounted.error().error_number);
    const fs::path root = descriptor_path(mounted->root.get());
    if (auto copied = copy_files(files, root); !copied) return copied;
    return storage::sync_filesystem(mounted->root.get());
}

Expected<void> fill(const fs::path& node, StickFilesystem filesystem, const fs::path& content) {
    const auto files = files_in(content);
    if (!files) return std::unexpected(files.error());
    switch (filesystem) {
        case StickFilesystem::fat32:
            return copy_with_mtools(*files, node);
        case StickFilesystem::exfat:
            return copy_with_fuse(*files, node);
        case StickFilesystem::ext4:
        case StickFilesystem::btrfs:
            break;
    }
    return copy_with_kernel(*files, node, filesystem);
}

}  // namespace

std::string_view name_of(StickFilesystem filesystem) {
    switch (filesystem) {
        case StickFilesystem::fat32:
            return "FAT32";
        case StickFilesystem::ext4:
            return "ext4";
        case StickFilesystem::btrfs:
            return "btrfs";
        case StickFilesystem::exfat:
            return "exFAT";
    }
    return "?";
}

Expected<void> make_stick(const fs::path& image, StickFilesystem filesystem, const fs::path& content) {
    if (auto made = make_sparse_image(image, stick_size); !made) return made;
    if (auto written = write_partition_table(image, filesystem); !written) return written;
    auto loop = storage::LoopDevice::attach(image);
    if (!loop) return pass_on(loop);
    auto volumes = storage::volumes_of({.node = loop->node(), .model = "image", .size = stick_size});
    if (!volumes) return pass_on(volumes);
    if (volumes->empty()) return fail(kind, "the kernel shows no partition on " + loop->node().string());
    const auto node = volumes->front().node;
    if (auto formatted = run_child_successfully(format_command(node, filesystem), 60s, kind); !formatted)
        return pass_on(formatted, "stick");
    if (auto filled = fill(node, filesystem, content); !filled) return pass_on(filled, "stick");
    return loop->detach();
}

}  // namespace mox::disk_images
