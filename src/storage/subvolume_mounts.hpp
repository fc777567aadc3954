#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::storage {

/// A mount of a subvolume: one btrfs line of /proc/self/mountinfo.
struct SubvolumeMount {
    std::uint64_t mount_id = 0;
    std::string file_system;    ///< "0:45": the device number that all mounts of one file system share
    std::string root;           ///< the directory of the file system that is mounted: "/@", "/@/home"
    std::string mount_point;    ///< "/mnt/card"
    std::string options;        ///< those of the mount itself: "rw,nosuid,noatime"
    std::string source;         ///< "/dev/mmcblk0p1"
    std::uint64_t subvolume{};  ///< id of the subvolume that `root` belongs to, also after it was renamed
    std::string name;           ///< its present path in the file system: "/@"

    /// Whether the whole subvolume is mounted, not a directory in it (a bind mount).
    [[nodiscard]] bool is_whole() const { return root == name; }

    bool operator==(const SubvolumeMount&) const = default;
};

/// Reads the btrfs lines of mountinfo (proc(5)). Pure.
[[nodiscard]] std::vector<SubvolumeMount> parse_subvolume_mounts(std::string_view mountinfo);

/// The mounts of subvolumes of one file system in this mount namespace, in the order in which they were
/// mounted. `directory` is an open directory of the file system. A mount of which it cannot be told to which
/// file system it belongs is included. Errors (`card`): /proc or the file system cannot be read.
[[nodiscard]] Expected<std::vector<SubvolumeMount>> subvolume_mounts(int directory);

/// Those that show one of the subvolumes with these ids, or a directory in it. Pure.
[[nodiscard]] std::vector<SubvolumeMount> mounts_of(const std::vector<SubvolumeMount>& mounts,
                                                    std::span<const std::uint64_t> ids);

/// The error (`card`, Error::reason() is EBUSY) for the deletion of a mounted subvolume: the mount points and
/// how to end the mounts. `what` is the name of the subvolume for the message. Precondition: `mounts` is not
/// empty. Pure.
[[nodiscard]] Error mounted_error(std::string_view what, const std::vector<SubvolumeMount>& mounts);

}  // namespace mox::storage
