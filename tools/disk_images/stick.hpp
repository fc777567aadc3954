#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"

namespace mox::disk_images {

/// The file systems of sticks that mode 4 can read.
enum class StickFilesystem { fat32, ext4, btrfs, exfat };

/// "FAT32", "ext4", "btrfs", "exFAT".
[[nodiscard]] std::string_view name_of(StickFilesystem filesystem);

/// Makes `image` (sparse, 1 GiB) a USB stick: a DOS partition table, one partition, and in its root directory
/// all files of the directory `content`. An existing image is replaced. Needs root (a loop device). The
/// kernel does not need FAT or exFAT: mtools writes FAT, exfat-fuse writes exFAT. Errors: `internal`.
[[nodiscard]] Expected<void> make_stick(const std::filesystem::path& image, StickFilesystem filesystem,
                                        const std::filesystem::path& content);

}  // namespace mox::disk_images
