#include "simulated_board/stick_format.hpp"

#include <chrono>

#include "base/child_process.hpp"
#include "base/file.hpp"

namespace mox::simulated_board {

StickFormat pick_stick_format(std::string_view proc_filesystems) {
    // Lines are "nodev\tNAME" or "\tNAME".
    if (proc_filesystems.find("\tvfat\n") != std::string_view::npos)
        return {disk_images::StickFilesystem::fat32, "FAT32, as sticks are sold"};
    return {disk_images::StickFilesystem::ext4, "ext4, because this computer's kernel has no FAT32"};
}

Expected<StickFormat> pick_stick_format() {
    // An error is ignored: the kernel's list is read afterwards.
    static_cast<void>(run_child({"modprobe", "--quiet", "vfat"}, std::chrono::seconds(10)));
    auto text = read_small_file("/proc/filesystems", ErrorKind::internal);
    if (!text) return pass_on(text);
    return pick_stick_format(*text);
}

}  // namespace mox::simulated_board
