#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mox::bench {

/// What a bench stick is formatted with, and why, for people.
struct StickFormat {
    std::string filesystem;  ///< the kernel's name: "vfat", "ext4"
    std::string remark;
};

/// FAT32, as sticks are sold, when this kernel can mount it, else ext4: both are in the user manual.
/// `proc_filesystems` is the text of /proc/filesystems. Pure.
[[nodiscard]] StickFormat pick_stick_format(std::string_view proc_filesystems);

/// Asks the running kernel, which may have to load a module first. Errors: `internal`.
[[nodiscard]] Expected<StickFormat> pick_stick_format();

/// Makes `image` (sparse) a USB stick: a DOS partition table, one partition, and in its root directory all
/// files of `content`. An existing image is replaced. Errors: `internal`.
[[nodiscard]] Expected<void> make_stick(const std::filesystem::path& image, const StickFormat& format,
                                        const std::filesystem::path& content);

}  // namespace mox::bench
