#include "network/memory_folder.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <array>
#include <utility>

namespace mox::network {

Expected<MemoryFolder> MemoryFolder::make(Bytes size) {
    const std::array requests{storage::MountRequest{
        .type = "tmpfs",
        .options = {{"size", std::to_string(size.count)}, {"mode", "0700"}},
        .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    }};
    auto mounted = storage::mount_detached("none", requests);
    if (!mounted)
        return fail_errno(ErrorKind::internal, "no folder in memory for the download",
                          mounted.error().error_number);
    return MemoryFolder(std::move(*mounted));
}

Expected<UniqueFd> MemoryFolder::create(const std::string& name) const {
    UniqueFd file(::openat(fd(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return fail_errno(ErrorKind::internal, name);
    return file;
}

}  // namespace mox::network
