#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

// Directories on which the root of a card is mounted, for a repair by hand. A rollback gives the mounted
// subvolume another name: then the directory shows the state before, which is a snapshot now, and files that
// are changed there do not get into the new root.

/// Mounts the present root (`@`) of the btrfs on `node` read-write on `directory`, `noatime`, until the user
/// unmounts it, and remembers it in `mount_list`: renew_root_mounts may mount it again. Errors: `card`.
[[nodiscard]] Expected<void> mount_root(const std::filesystem::path& node,
                                        const std::filesystem::path& directory);

/// The mounts of mount_root: a line "MOUNT_ID DIRECTORY" for each. In memory; lines of ended mounts do no
/// harm.
inline constexpr std::string_view mount_list = "/run/mox-rescue/mounts";

/// What has become of the mounts of the old root.
struct RootMounts {
    std::vector<std::string> renewed{};    ///< directories that show the new root now
    std::vector<std::string> old_state{};  ///< directories that still show the old one
    std::vector<std::string> lines{};      ///< messages for the user: one for each of them
};

/// After a rollback: unmounts the old root and mounts the new one in its place, where mount_root has mounted
/// it and no program uses it. Every other directory that shows the old root stays, and the message tells how
/// to mount the new one. Of the running system ("/" and what belongs to it) one line tells: it ends at the
/// reboot. Directories are not found when /proc cannot be read; that is a message too.
[[nodiscard]] RootMounts renew_root_mounts(const TopLevel& top, const RollbackResult& result);

/// Makes sure that `directory`, which is a mount point, shows the present root of the card: renews a mount of
/// mount_root. Errors: `card`: it shows something else, or a program uses it; the message says what.
[[nodiscard]] Expected<void> require_root_mounted(const TopLevel& top,
                                                  const std::filesystem::path& directory);

/// "snapshot 5": the snapshot that `directory` shows in place of the present root, because a rollback has
/// made it one, or because it is mounted there; empty: it shows none. `directory` is on the file system of
/// `top`. Errors: `card`.
[[nodiscard]] Expected<std::string> snapshot_shown(const TopLevel& top,
                                                   const std::filesystem::path& directory);

}  // namespace mox::snapshots
