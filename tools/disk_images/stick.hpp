#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"

namespace mox::disk_images {

/// What a stick is formatted with: all that mode 4 reads.
enum class StickFilesystem { fat32, ext4, btrfs, exfat };

/// "FAT32", "ext4", "btrfs", "exFAT".
[[nodiscard]] std::string_view name_of(StickFilesystem filesystem);

/// Makes `image` (sparse, 1 GiB) a USB stick: a DOS partition table, one partition, and in its root directory
/// all files of the folder `content`. An existing image is replaced. Needs root (a loop device), but no FAT
/// or exFAT in this computer's kernel: FAT is written by mtools, exFAT by exfat-fuse. Errors: `internal`.
[[nodiscard]] Expected<void> make_stick(const std::filesystem::path& image, StickFilesystem filesystem,
                                        const std::filesystem::path& content);

}  // namespace mox::disk_images
