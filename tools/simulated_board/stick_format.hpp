#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "disk_images/stick.hpp"

namespace mox::simulated_board {

/// The file system of the session's stick, and a remark with the reason.
struct StickFormat {
    disk_images::StickFilesystem filesystem = disk_images::StickFilesystem::fat32;
    std::string remark;
};

/// FAT32, as sticks are sold, when this kernel can mount it, else ext4: both are in the user manual.
/// `proc_filesystems` is the text of /proc/filesystems. Pure.
[[nodiscard]] StickFormat pick_stick_format(std::string_view proc_filesystems);

/// The choice for the running kernel, which may load a module first. Errors: `internal`.
[[nodiscard]] Expected<StickFormat> pick_stick_format();

}  // namespace mox::simulated_board
