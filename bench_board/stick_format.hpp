#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "media/stick.hpp"

namespace mox::bench {

/// What a bench stick is formatted with, and why, for people.
struct StickFormat {
    media::StickFilesystem filesystem = media::StickFilesystem::fat32;
    std::string remark;
};

/// FAT32, as sticks are sold, when this kernel can mount it, else ext4: both are in the user manual.
/// `proc_filesystems` is the text of /proc/filesystems. Pure.
[[nodiscard]] StickFormat pick_stick_format(std::string_view proc_filesystems);

/// Asks the running kernel, which may have to load a module first. Errors: `internal`.
[[nodiscard]] Expected<StickFormat> pick_stick_format();

}  // namespace mox::bench
