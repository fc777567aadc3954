#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mox {

/// One line of /proc/self/mountinfo (proc(5)), with the kernel's escapes ("\040" is a blank) undone.
struct MountLine {
    std::uint64_t id = 0;
    std::string device;         ///< "0:45": the device number that all mounts of one file system share
    std::string root;           ///< the directory of the file system that is mounted
    std::string mount_point;    ///< "/media/user/My stick"
    std::string options;        ///< those of the mount itself: "rw,nosuid,noatime"
    std::string type;           ///< "btrfs"
    std::string source;         ///< "/dev/sda1"
    std::string super_options;  ///< those of the file system: "rw,subvolid=256,subvol=/@"

    bool operator==(const MountLine&) const = default;
};

/// Reads mountinfo. Lines that are not of its format are left out. Pure.
[[nodiscard]] std::vector<MountLine> parse_mountinfo(std::string_view mountinfo);

/// A path of mountinfo or /proc/swaps without the kernel's escapes. Pure.
[[nodiscard]] std::string unescaped_mount_path(std::string_view text);

/// The mount that an open file is on. nullopt: it is on one that is attached to no directory (fsmount), or
/// /proc cannot be read.
[[nodiscard]] std::optional<MountLine> mount_of(int fd);

}  // namespace mox
