#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "storage/disk_summary.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// Which disks may be written to as a stick.
enum class AcceptedDisks {
    removable,  ///< those that can be taken out (removable_disk.hpp)
    all
};

/// A disk, or one of its partitions, that files are to be put onto. Nothing was written to it yet.
struct Stick {
    std::filesystem::path node{};  ///< as the user named it: the disk, or one partition
    DiskSummary disk{};            ///< the whole disk
    /// Its volumes with a file system that the rescue system reads, in the order of the disk.
    std::vector<Volume> readable{};
    /// There is neither a partition table nor a file system: it has to be formatted. Else `readable` holds at
    /// least one.
    bool is_empty = false;
    Bytes size{};  ///< of `node`
};

/// Looks at a stick; writes nothing. Errors (`medkit`): it is missing, may not be opened, is not removable,
/// is write protected, is mounted or otherwise in use (the message says where); it holds something that the
/// rescue system does not read.
[[nodiscard]] Expected<Stick> examine_stick(const std::filesystem::path& node, AcceptedDisks accepted);

/// What FAT32 takes of a disk of that size: the tables and the space in front of the partition, generously.
[[nodiscard]] constexpr Bytes fat_overhead(Bytes size) {
    return Bytes{(4ULL << 20) + size.count / 64};
}

/// Checks that this machine can format sticks. Errors (`internal`): mkfs.vfat is missing, or the driver of
/// FAT.
[[nodiscard]] Expected<void> require_stick_formatter();

/// Formats an empty stick with FAT32: a whole disk gets a partition table with one partition. Returns the
/// volume. Precondition: `stick.is_empty`. A stop in the middle leaves a partition without a file system,
/// which can be named instead of the disk. Errors (`medkit`): it cannot be written.
[[nodiscard]] Expected<Volume> format_stick(const Stick& stick);

}  // namespace mox::storage
