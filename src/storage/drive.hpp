#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::storage {

enum class DriveRole {
    card,   ///< the router's card, or what takes its place: the system is on it
    usb,    ///< a drive that may hold medkits: in a USB port
    other,  ///< on another bus: neither searched nor written
};

/// The kind of error that trouble with such a drive is: `card`, or `medkit` (a drive is where medkits are).
[[nodiscard]] ErrorKind error_kind(DriveRole role);

/// A whole disk.
struct Drive {
    std::filesystem::path node{};  ///< "/dev/mmcblk0"
    DriveRole role = DriveRole::usb;
    std::string model{};  ///< "SanDisk Ultra", may be empty
    Bytes size{};
    std::string title{};  ///< what people call it; empty: by its role

    /// For people: "USB drive SanDisk Ultra (sda)", "card (mmcblk0)".
    [[nodiscard]] std::string describe() const;
};

/// To know a disk again whatever is on it: model and size, "SanDisk Ultra 15376318464". Two disks of one make
/// are the same by that.
[[nodiscard]] std::string identity(const Drive& drive);

/// What a place on a drive holds: a partition, or the whole drive when it has no partition table.
struct Volume {
    Drive drive{};
    int partition = 0;             ///< 1-based number in the partition table; 0: the whole drive
    std::filesystem::path node{};  ///< "/dev/sda1", or the drive's own node
    Bytes size{};
    std::string
        filesystem{};  ///< libblkid's name: "ext4", "btrfs", "vfat", "exfat", "ntfs"; empty: none known
    std::string uuid{};
    std::string label{};
    std::string problem{};  ///< for people: why it cannot even be looked at; empty: it can

    /// For people: "USB drive SanDisk Ultra (sda1, FAT32)".
    [[nodiscard]] std::string describe() const;
};

/// A file system's name as people write it: "vfat" is "FAT32", "exfat" is "exFAT"; unknown ones as they are.
[[nodiscard]] std::string_view filesystem_name(std::string_view filesystem);

/// Reads the partition table of `drive` and makes sure that the kernel has a node for every partition
/// (BLKPG, as partx does: some kernels cannot read partition tables themselves, and loop devices are not
/// scanned). Never writes to the drive. Never empty: an empty or unknown drive, and one whose table has no
/// entries, is one volume without a file system.
/// Errors (error_kind of its role): the drive cannot be read, or is in use with another partition table.
[[nodiscard]] Expected<std::vector<Volume>> volumes_of(const Drive& drive);

}  // namespace mox::storage
