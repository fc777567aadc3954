#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mox::init {

/// Asks all other processes to end, and kills those that have not ended after `timeout`. Only for process 1,
/// which becomes the parent of all orphans.
void end_all_processes(std::chrono::milliseconds timeout);

/// The mount points of file systems on disks, the last mount first. `mountinfo` is the text of
/// /proc/self/mountinfo (proc(5)). Pure.
[[nodiscard]] std::vector<std::filesystem::path> disk_mounts(std::string_view mountinfo);

/// Unmounts all file systems on disks, which the user has mounted; one that is still in use becomes
/// read-only. Returns the errors.
[[nodiscard]] std::vector<std::string> unmount_disks();

}  // namespace mox::init
