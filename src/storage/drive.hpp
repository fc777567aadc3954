#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::storage {

enum class DriveRole { card, usb };

/// A whole disk: the router's card, or something in a USB port.
struct Drive {
    std::filesystem::path node;  ///< "/dev/mmcblk0"
    DriveRole role = DriveRole::usb;
    std::string model;  ///< "SanDisk Ultra", may be empty
    Bytes size;

    /// For people: "USB drive SanDisk Ultra (sda)", "card (mmcblk0)".
    [[nodiscard]] std::string describe() const;
};

/// What a place on a drive holds: a partition, or the whole drive when it has no partition table.
struct Volume {
    Drive drive;
    std::filesystem::path node;  ///< "/dev/sda1", or the drive's own node
    Bytes size;
    std::string filesystem;  ///< libblkid's name: "ext4", "btrfs", "vfat", "exfat", "ntfs"; empty: none known
    std::string uuid;
    std::string label;

    /// For people: "USB drive SanDisk Ultra (sda1, FAT32)".
    [[nodiscard]] std::string describe() const;
};

/// The drives that are plugged in right now. Two implementations live: sysfs (sysfs_drives.hpp) and a list
/// given by hand (listed_drives.hpp: the bench board, `mox-rescue run --card`).
class Drives {
public:
    virtual ~Drives() = default;

    /// The card first (if there is one), then USB drives in a stable order.
    [[nodiscard]] virtual Expected<std::vector<Drive>> plugged_in() = 0;
};

/// Reads the partition table of `drive` and makes sure that the kernel has a node for every partition
/// (BLKPG, as partx does: some kernels cannot read partition tables themselves, and loop devices are not
/// scanned). Never writes to the drive. An empty or unknown drive is one volume without a file system.
[[nodiscard]] Expected<std::vector<Volume>> volumes_of(const Drive& drive);

}  // namespace mox::storage
