#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mox::init {

/// Asks all other processes to end, and kills those that have not after `timeout`. For process 1 alone,
/// which is everybody's parent in the end.
void end_all_processes(std::chrono::milliseconds timeout);

/// Where file systems on disks are mounted, the last mount first. `mountinfo` is the text of
/// /proc/self/mountinfo (proc(5)). Pure.
[[nodiscard]] std::vector<std::filesystem::path> disk_mounts(std::string_view mountinfo);

/// Unmounts every file system on a disk, which somebody has mounted by hand; one that is still in use is made
/// read-only. Returns what could not be done.
[[nodiscard]] std::vector<std::string> unmount_disks();

}  // namespace mox::init
