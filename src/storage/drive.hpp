#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::storage {

enum class DriveRole {
    card,   ///< the router's card, or the disk in its place: it holds the system
    usb,    ///< a drive in a USB port, which may hold medkits
    other,  ///< on another bus: never read or written
};

/// The kind of an error of such a drive: `card`, or `medkit` (drives hold medkits).
[[nodiscard]] ErrorKind error_kind(DriveRole role);

/// A whole disk.
struct Drive {
    std::filesystem::path node{};  ///< "/dev/mmcblk0"
    DriveRole role = DriveRole::usb;
    std::string model{};  ///< "SanDisk Ultra", may be empty
    Bytes size{};
    std::string title{};  ///< its name in messages; empty: by its role

    /// For messages: "USB drive SanDisk Ultra (sda)", "card (mmcblk0)".
    [[nodiscard]] std::string describe() const;
};

/// Identifies a disk independently of its content: model and size, "SanDisk Ultra 15376318464". Two disks of
/// the same model have the same identity.
[[nodiscard]] std::string identity(const Drive& drive);

/// A partition, or the whole drive when it has no partition table, and the file system in it.
struct Volume {
    Drive drive{};
    int partition = 0;             ///< 1-based number in the partition table; 0: the whole drive
    std::filesystem::path node{};  ///< "/dev/sda1", or the drive's own node
    Bytes size{};
    std::string filesystem{};  ///< libblkid's name ("ext4", "vfat", "ntfs"); empty: none or unknown
    std::string uuid{};
    std::string label{};
    std::string error{};  ///< message: why it cannot be read; empty: it can

    /// For messages: "USB drive SanDisk Ultra (sda1, FAT32)".
    [[nodiscard]] std::string describe() const;
};

/// The common name of a file system: "FAT32" for "vfat", "exFAT" for "exfat"; others unchanged.
[[nodiscard]] std::string_view filesystem_name(std::string_view filesystem);

/// Reads the partition table of `drive` and makes sure that the kernel has a node for every partition
/// (BLKPG, as partx does: some kernels cannot read partition tables themselves, and loop devices are not
/// scanned). Never writes to the drive. Never empty: an empty or unknown drive, and one whose table has no
/// entries, is one volume without a file system.
/// Errors (error_kind of its role): the drive cannot be read, or is in use with another partition table.
[[nodiscard]] Expected<std::vector<Volume>> volumes_of(const Drive& drive);

}  // namespace mox::storage
