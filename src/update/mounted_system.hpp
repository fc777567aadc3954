#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>

#include "base/error.hpp"
#include "storage/drive.hpp"
#include "update/context.hpp"

namespace mox::update {

/// The system of the card, mounted for manual repair.
struct MountedSystem {
    std::filesystem::path node;    ///< "/dev/mmcblk0p1"
    std::filesystem::path folder;  ///< where its root is now
};

/// The volume of `card` with the system's btrfs. Errors (`card`): there is none.
[[nodiscard]] Expected<storage::Volume> system_volume(const storage::Drive& card);

/// Mounts the card's root (subvolume `@`) read-write on `folder`, which is made if need be. Stays mounted
/// until the user unmounts it. Keeps it when it is mounted there already, and renews a mount that shows the
/// state before a rollback. Errors (`card`): no card, one without a system, or one that cannot be mounted;
/// something else is mounted there.
[[nodiscard]] boost::asio::awaitable<Expected<MountedSystem>> mount_system(Context& context,
                                                                           std::filesystem::path folder);

}  // namespace mox::update
