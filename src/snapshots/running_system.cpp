#include "snapshots/running_system.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/unique_fd.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

/// nullopt: not on btrfs.
std::optional<storage::Uuid> uuid_of_running_system() {
    const UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return std::nullopt;
    btrfs_ioctl_get_subvol_info_args info{};
    // The kernel may return 1 for success.
    if (::ioctl(root.get(), BTRFS_IOC_GET_SUBVOL_INFO, &info) < 0) return std::nullopt;
    storage::Uuid uuid{};
    std::ranges::copy(info.uuid, uuid.begin());
    return uuid;
}

}  // namespace

Expected<bool> is_running_system(int directory, const std::string& name) {
    const auto running = uuid_of_running_system();
    if (!running) return false;
    auto info = TRY(storage::subvolume_info(directory, name));
    return info.uuid == *running;
}

}  // namespace mox::snapshots
