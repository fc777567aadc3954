#include "storage/write_protection.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <map>
#include <mutex>
#include <utility>

#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

/// The flag belongs to the device, not to whoever set it: two partitions of one stick share the stick's flag,
/// and the last one to go sets it back. Hence one table for the whole process.
struct Protections {
    std::mutex mutex;
    std::map<dev_t, std::weak_ptr<WriteProtection>> devices;
};

Protections& protections() {
    static Protections all;
    return all;
}

Expected<bool> read_only_flag(int fd, const std::filesystem::path& node, ErrorKind kind) {
    int read_only = 0;
    if (::ioctl(fd, BLKROGET, &read_only) != 0) return fail_errno(kind, node.native());
    return read_only != 0;
}

}  // namespace

WriteProtection::WriteProtection(UniqueFd device) : device_(std::move(device)) {}

WriteProtection::~WriteProtection() {
    if (!device_) return;
    const int writable = 0;
    // A drive that was pulled out has no flag to set back any more.
    (void)::ioctl(device_.get(), BLKROSET, &writable);
}

Expected<std::shared_ptr<WriteProtection>> WriteProtection::protect(const std::filesystem::path& node,
                                                                    ErrorKind kind) {
    auto fd = open_block_device(node, O_RDONLY, kind);
    if (!fd) return pass_on(fd);
    auto number = block_device_number(fd->get(), node, kind);
    if (!number) return pass_on(number);

    auto& all = protections();
    const std::lock_guard lock(all.mutex);
    if (auto shared = all.devices[*number].lock()) return shared;

    auto read_only = read_only_flag(fd->get(), node, kind);
    if (!read_only) return pass_on(read_only);
    // Opened exclusively for a moment only: mounting needs the claim itself.
    if (auto exclusive = open_block_device(node, O_RDONLY | O_EXCL, kind); !exclusive)
        return pass_on(exclusive);

    const int protect = 1;
    if (!*read_only && ::ioctl(fd->get(), BLKROSET, &protect) != 0)
        return fail_errno(kind, node.native() + ": cannot be write protected");
    const std::shared_ptr<WriteProtection> fresh(
        new WriteProtection(*read_only ? UniqueFd() : std::move(*fd)));
    all.devices[*number] = fresh;
    return fresh;
}

Expected<bool> is_read_only_by_itself(const std::filesystem::path& node, ErrorKind kind) {
    auto fd = open_block_device(node, O_RDONLY, kind);
    if (!fd) return pass_on(fd);
    auto number = block_device_number(fd->get(), node, kind);
    if (!number) return pass_on(number);
    auto& all = protections();
    const std::lock_guard lock(all.mutex);
    if (const auto found = all.devices.find(*number); found != all.devices.end() && !found->second.expired())
        return false;
    return read_only_flag(fd->get(), node, kind);
}

}  // namespace mox::storage
