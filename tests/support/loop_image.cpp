#include "support/loop_image.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "storage/partitions.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;
using namespace unit_literals;

constexpr auto kind = ErrorKind::internal;
constexpr Bytes partition_start = 1_MiB;
constexpr std::uint32_t sector = 512;

void put_little_endian(unsigned char* where, std::uint32_t value) {
    for (unsigned byte = 0; byte < 4; ++byte) where[byte] = static_cast<unsigned char>(value >> (8 * byte));
}

/// A master boot record with one entry, written byte by byte: not with the code that is to be tested.
void write_boot_record(int file, Bytes size) {
    const auto first = static_cast<std::uint32_t>(partition_start.count / sector);
    std::array<unsigned char, sector> record{};
    put_little_endian(&record[440], 0x12345678);  // disk id
    record[446 + 4] = 0x83;
    put_little_endian(&record[446 + 8], first);
    put_little_endian(&record[446 + 12], static_cast<std::uint32_t>(size.count / sector) - first);
    record[510] = 0x55;
    record[511] = 0xaa;
    if (::pwrite(file, record.data(), record.size(), 0) != static_cast<ssize_t>(record.size()))
        throw std::system_error(errno, std::generic_category(), "boot record");
}

fs::path new_image(fs::path image, Bytes size, PartitionTable table) {
    const auto file = must(open_file(image, O_RDWR | O_CREAT | O_TRUNC, kind));
    if (::ftruncate(file.get(), static_cast<off_t>(size.count)) != 0)
        throw std::system_error(errno, std::generic_category(), image);
    if (table == PartitionTable::one_primary) write_boot_record(file.get(), size);
    return image;
}

}  // namespace

LoopImage::LoopImage(fs::path image, Bytes size, PartitionTable table)
    : LoopImage(new_image(std::move(image), size, table)) {
    if (table == PartitionTable::none) return;
    const auto disk = must(open_file(node(), O_RDONLY, kind));
    const std::array partitions{storage::Partition{1, partition_start, size - partition_start}};
    const auto refused = must(storage::register_partitions(disk.get(), node(), partitions, kind));
    if (!refused.empty()) throw std::runtime_error("partition refused: " + refused.front().message);
}

LoopImage::LoopImage(fs::path image, storage::LoopAccess access)
    : image_(std::move(image)), loop_(must(storage::LoopDevice::attach(image_, access))) {}

fs::path LoopImage::partition() const {
    return node().native() + "p1";
}

storage::Drive LoopImage::as(storage::DriveRole role) const {
    return {.node = node(), .role = role, .size = Bytes{fs::file_size(image_)}};
}

void LoopImage::overwrite(std::uint64_t offset, std::string_view bytes) {
    const auto disk = must(open_file(node(), O_WRONLY, kind));
    if (::pwrite(disk.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
            static_cast<ssize_t>(bytes.size()) ||
        ::fsync(disk.get()) != 0)
        throw std::system_error(errno, std::generic_category(), node());
}

void LoopImage::detach() {
    must(loop_.detach());
}

void format(const fs::path& node, const std::string& type) {
    if (type == "ext4")
        run({"mkfs.ext4", "-q", "-F", node.native()});
    else if (type == "btrfs")
        run({"mkfs.btrfs", "-q", "-f", node.native()});
    else if (type == "vfat")
        run({"mkfs.vfat", "-I", "-F", "32", node.native()});
    else
        run({"mkfs." + type, node.native()});
}

void format_btrfs(const fs::path& node, const std::string& uuid) {
    run({"mkfs.btrfs", "-q", "-f", "-U", uuid, node.native()});
}

std::string own_uuid() {
    constexpr auto smallest_of_twelve_digits = 100'000'000'000;
    return "5c0ab55e-0000-4000-8000-" + std::to_string(smallest_of_twelve_digits + ::getpid());
}

WritableMount::WritableMount(const fs::path& node, const std::string& type) {
    const std::array request{storage::MountRequest{.type = type, .options = {}, .attributes = 0}};
    auto mounted = storage::mount_detached(node, request);
    if (!mounted)
        throw std::system_error(mounted.error().error_number, std::generic_category(),
                                "mount " + node.native());
    mounted_ = std::move(*mounted);
    path_ = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(root()) + "/";
}

void write_file(const fs::path& path, std::string_view content) {
    fs::create_directories(path.parent_path());
    const auto file = must(open_file(path, O_WRONLY | O_CREAT | O_TRUNC, kind));
    must(write_all(file.get(), content, path.native(), kind));
}

std::string read_file(const fs::path& path) {
    const auto file = must(open_file(path, O_RDONLY, kind));
    return must(read_to_end(file.get(), path.native(), kind, 1_GiB));
}

void run(const std::vector<std::string>& argv) {
    must(run_child_successfully(argv, std::chrono::minutes(1), kind));
}

}  // namespace mox::test_support
