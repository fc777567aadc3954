#include "storage/block_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/text.hpp"
#include "storage/device_users.hpp"

namespace mox::storage {

namespace {

std::unexpected<Error> fail_busy(const std::filesystem::path& node, ErrorKind kind) {
    const auto users = users_of(node);
    if (users.empty()) return fail(kind, node.native() + " is in use", {"unmount it first"});
    return fail(kind, node.native() + " is in use: " + users, {"end that first, and try again"});
}

}  // namespace

Expected<UniqueFd> open_block_device(const std::filesystem::path& node, int flags, ErrorKind kind) {
    UniqueFd fd(::open(node.c_str(), flags | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOMEDIUM) return fail(kind, node.native() + ": there is no medium in it");
        if (errno == ENOENT || errno == ENXIO || errno == ENODEV)
            return fail(kind, node.native() + " is not there", {"was it pulled out?"});
        if (errno == EBUSY) return fail_busy(node, kind);
        return fail_errno(kind, node.native());
    }
    TRY(block_device_number(fd.get(), node, kind));
    return fd;
}

Expected<Bytes> block_device_size(int fd, const std::filesystem::path& node, ErrorKind kind) {
    std::uint64_t size = 0;
    if (::ioctl(fd, BLKGETSIZE64, &size) != 0) return fail_errno(kind, node.native() + ": size");
    return Bytes{size};
}

Expected<dev_t> block_device_number(int fd, const std::filesystem::path& node, ErrorKind kind) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return fail_errno(kind, node.native());
    if (!S_ISBLK(status.st_mode)) return fail(kind, node.native() + " is not a block device");
    return status.st_rdev;
}

bool is_same_device(const std::filesystem::path& left, const std::filesystem::path& right) {
    struct stat one{};
    struct stat other{};
    const bool known = ::stat(left.c_str(), &one) == 0 && ::stat(right.c_str(), &other) == 0;
    return known && S_ISBLK(one.st_mode) && S_ISBLK(other.st_mode) && one.st_rdev == other.st_rdev;
}

std::filesystem::path sysfs_directory(dev_t number) {
    return "/sys/dev/block/" + std::to_string(major(number)) + ":" + std::to_string(minor(number));
}

Expected<std::filesystem::path> node_of(const std::filesystem::path& sysfs_directory, ErrorKind kind) {
    constexpr std::string_view key = "DEVNAME=";
    auto text = TRY(read_small_file(sysfs_directory / "uevent", kind));
    const auto begin = text.find(key);
    if (begin == std::string::npos) return fail(kind, sysfs_directory.native() + " has no device name");
    const auto end = text.find('\n', begin);
    return std::filesystem::path("/dev") / text.substr(begin + key.size(), end - begin - key.size());
}

std::string model_of(const std::filesystem::path& sysfs_directory) {
    const auto attribute = [&](const char* name) {
        const auto text = read_small_file(sysfs_directory / "device" / name, ErrorKind::internal);
        return text ? std::string(trimmed(*text, " \t\n")) : std::string();
    };
    const auto maker = attribute("vendor");
    auto model = attribute("model");
    if (model.empty()) model = attribute("name");
    return maker.empty() || model.empty() ? model : maker + " " + model;
}

bool is_partition(const std::filesystem::path& sysfs_directory) {
    std::error_code ignored;  // a path that cannot be read is not a partition
    return std::filesystem::exists(sysfs_directory / "partition", ignored);
}

}  // namespace mox::storage
