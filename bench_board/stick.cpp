#include "stick.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "image_file.hpp"
#include "storage/drive.hpp"
#include "storage/kernel_mount.hpp"
#include "storage/loop_device.hpp"
#include "storage/subvolume.hpp"

namespace mox::bench {

namespace {

using namespace std::chrono_literals;
using namespace unit_literals;

constexpr auto kind = ErrorKind::internal;
constexpr Bytes stick_size = 1_GiB;
constexpr std::uint32_t sector_size = 512;
constexpr std::uint32_t first_sector = 2048;  // 1 MiB: where every partitioning program starts

void put_le32(std::string& bytes, std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[offset + i] = static_cast<char>(value >> (8 * i));
}

/// A DOS partition table with one primary partition over all of the stick.
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

Expected<void> write_partition_table(const std::filesystem::path& image, const StickFormat& format) {
    const std::uint8_t type = format.filesystem == "vfat" ? 0x0c : 0x83;  // FAT32 with LBA, Linux
    auto file = open_file(image, O_WRONLY, kind);
    if (!file) return pass_on(file);
    return write_all(file->get(), partition_table(type), image.string(), kind);
}

Expected<void> format_partition(const std::filesystem::path& node, const StickFormat& format) {
    const std::vector<std::string> argv =
        format.filesystem == "vfat" ? std::vector<std::string>{"mkfs.vfat", "-F", "32", "-n", "MEDKIT", node}
                                    : std::vector<std::string>{"mkfs.ext4", "-q", "-F", "-L", "medkit", node};
    return run_child_successfully(argv, 60s, kind);
}

Expected<void> copy_content(const std::filesystem::path& content, const std::filesystem::path& node,
                            const StickFormat& format) {
    const std::array requests{storage::MountRequest{.type = format.filesystem, .options = {}}};
    auto mounted = storage::mount_detached(node, requests);
    if (!mounted)
        return fail_errno(kind, "mounting the stick's image as " + format.filesystem,
                          mounted.error().error_number);
    const std::filesystem::path root = "/proc/self/fd/" + std::to_string(mounted->root.get());
    std::error_code failed;
    for (const auto& file : std::filesystem::directory_iterator(content, failed)) {
        std::filesystem::copy_file(file.path(), root / file.path().filename(), failed);
        if (failed) return fail_errno(kind, "copying " + file.path().string(), failed.value());
    }
    if (failed) return fail_errno(kind, content.string(), failed.value());
    return storage::sync_filesystem(mounted->root.get());
}

}  // namespace

StickFormat pick_stick_format(std::string_view proc_filesystems) {
    // Lines are "nodev\tNAME" or "\tNAME".
    if (proc_filesystems.find("\tvfat\n") != std::string_view::npos)
        return {"vfat", "FAT32, as sticks are sold"};
    return {"ext4", "ext4, because this computer's kernel has no FAT32"};
}

Expected<StickFormat> pick_stick_format() {
    // Succeeds or not: what counts is what the kernel lists afterwards.
    static_cast<void>(run_child({"modprobe", "--quiet", "vfat"}, 10s));
    auto text = read_small_file("/proc/filesystems", kind);
    if (!text) return pass_on(text);
    return pick_stick_format(*text);
}

Expected<void> make_stick(const std::filesystem::path& image, const StickFormat& format,
                          const std::filesystem::path& content) {
    if (auto made = make_sparse_image(image, stick_size); !made) return pass_on(made);
    if (auto written = write_partition_table(image, format); !written) return pass_on(written);
    auto loop = storage::LoopDevice::attach(image);
    if (!loop) return pass_on(loop);
    auto volumes = storage::volumes_of({.node = loop->node(), .model = "bench", .size = stick_size});
    if (!volumes) return pass_on(volumes);
    if (volumes->empty()) return fail(kind, "the kernel shows no partition on " + loop->node().string());
    const auto node = volumes->front().node;
    if (auto formatted = format_partition(node, format); !formatted) return pass_on(formatted, "stick");
    if (auto copied = copy_content(content, node, format); !copied) return pass_on(copied, "stick");
    return loop->detach();
}

}  // namespace mox::bench
