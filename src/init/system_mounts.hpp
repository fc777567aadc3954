#pragma once

#include <string>
#include <vector>

namespace mox::init {

/// Mounts the file systems that programs expect: /proc, /sys, /dev with /dev/pts, and tmpfs on /run, /tmp and
/// /mnt; creates the directories for these and for lock files. A file system that is mounted already stays.
/// Returns the errors as messages; the caller can go on after each of them.
[[nodiscard]] std::vector<std::string> mount_system();

/// Makes the files of the rescue image read-only; /run, /tmp and /mnt stay writable. Returns the errors.
[[nodiscard]] std::vector<std::string> make_root_read_only();

/// Makes the kernel's console standard input, output and error of this process, and lets the kernel print
/// only errors on it. Returns the errors. Precondition: /dev is mounted.
[[nodiscard]] std::vector<std::string> set_up_console();

}  // namespace mox::init
