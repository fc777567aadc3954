#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mox::storage {

/// One line of /proc/self/mountinfo: the device and its mount point.
struct MountedDevice {
    std::string source;       ///< "/dev/sda1"
    std::string mount_point;  ///< "/media/user/My stick"

    bool operator==(const MountedDevice&) const = default;
};

/// Reads mountinfo (proc(5)): "\040" is a blank. Pure.
[[nodiscard]] std::vector<MountedDevice> parse_mounts(std::string_view mountinfo);

/// Reads /proc/swaps: paths of files and partitions. Pure.
[[nodiscard]] std::vector<std::string> parse_swaps(std::string_view swaps);

/// What uses the disk or partition `node`, or a part of it, for a message: "/dev/sda1 is mounted on
/// /media/x", "/dev/sda2 is swap space", "/dev/sda3 is a part of the mapping cryptroot (/dev/dm-0)",
/// "/dev/loop3 is on /dev/sda1", "/dev/sda1 is mounted on /data for the program x (process 123)" (in a mount
/// namespace of its own), "/dev/sda is open in the program mkfs.ext4 (process 123)". Joined by "; ";
/// empty when no user is found. Opens only files of /proc and /sys.
[[nodiscard]] std::string users_of(const std::filesystem::path& node);

/// The active swap files on `device` (st_dev; a btrfs has one for each subvolume), joined by blanks; empty:
/// none.
[[nodiscard]] std::string active_swap_files_on(dev_t device);

}  // namespace mox::storage
