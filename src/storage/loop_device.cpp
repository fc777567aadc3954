#include "storage/loop_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "storage/partitions.hpp"

namespace mox::storage {

namespace {

/// Another process may take the free loop device first; each try asks for another one.
constexpr int most_tries = 100;

loop_config configuration(int image, LoopAccess access, LoopCache cache) {
    loop_config config{};
    config.fd = static_cast<__u32>(image);
    // Without PARTSCAN the kernel keeps the partitions of the last image, and their nodes, for the next
    // image.
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN;
    if (access == LoopAccess::read_only) config.info.lo_flags |= LO_FLAGS_READ_ONLY;
    if (cache == LoopCache::direct) config.info.lo_flags |= LO_FLAGS_DIRECT_IO;
    return config;
}

/// Removes the partitions that were registered with BLKPG; those in use stay, and keep the device in use.
void remove_partitions(int fd, const std::filesystem::path& node) {
    (void)register_partitions(fd, node, {}, ErrorKind::internal);
}

/// A program that was killed while it write-protected its drive (BLKROSET) leaves the flag set for the next
/// image.
void reset_write_protection(int fd) {
    const int writable = 0;
    (void)::ioctl(fd, BLKROSET, &writable);
}

}  // namespace

LoopDevice::LoopDevice(UniqueFd fd, std::filesystem::path node)
    : fd_(std::move(fd)), node_(std::move(node)) {}

LoopDevice& LoopDevice::operator=(LoopDevice&& other) noexcept {
    if (this == &other) return *this;
    if (fd_) remove_partitions(fd_.get(), node_);
    fd_ = std::move(other.fd_);
    node_ = std::move(other.node_);
    return *this;
}

LoopDevice::~LoopDevice() {
    if (fd_) remove_partitions(fd_.get(), node_);
}

Expected<LoopDevice> LoopDevice::attach(const std::filesystem::path& image, LoopAccess access,
                                        LoopCache cache) {
    const int flags = access == LoopAccess::read_only ? O_RDONLY : O_RDWR;
    auto file = TRY(open_file(image, flags, ErrorKind::internal));
    auto control = TRY(open_file("/dev/loop-control", O_RDWR, ErrorKind::internal));

    const auto config = configuration(file.get(), access, cache);
    for (int tries = 0; tries < most_tries; ++tries) {
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) return fail_errno(ErrorKind::internal, "no free loop device");
        const auto node = "/dev/loop" + std::to_string(number);
        auto fd = TRY(open_file(node, flags, ErrorKind::internal));
        if (::ioctl(fd.get(), LOOP_CONFIGURE, &config) == 0) {
            if (access == LoopAccess::writable) reset_write_protection(fd.get());
            return LoopDevice(std::move(fd), node);
        }
        if (errno != EBUSY) return fail_errno(ErrorKind::internal, node + " with " + image.native());
    }
    return fail(ErrorKind::internal, "no free loop device: other processes took each one first");
}

Expected<void> LoopDevice::refresh_size() {
    if (::ioctl(fd_.get(), LOOP_SET_CAPACITY, 0) != 0) return fail_errno(ErrorKind::internal, node_.native());
    return {};
}

Expected<void> LoopDevice::detach() {
    if (::fsync(fd_.get()) != 0) return fail_errno(ErrorKind::internal, node_.native());
    TRY(register_partitions(fd_.get(), node_, {}, ErrorKind::internal));
    // If another process has it open, the kernel detaches it only when that process closes it: this is an
    // error.
    const UniqueFd exclusive(::open(node_.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
    if (!exclusive) return fail_errno(ErrorKind::internal, node_.native() + " is still in use");
    fd_.reset();
    return {};
}

}  // namespace mox::storage
