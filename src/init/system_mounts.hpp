#pragma once

#include <string>
#include <vector>

namespace mox::init {

/// Mounts what every program expects, below the initial RAM file system: /proc, /sys, /dev with /dev/pts, and
/// memory for /run, /tmp and /mnt; makes the folders for it and for lock files. What is mounted already
/// stays. Answers what did not work, for people: none of it is a reason to stop.
[[nodiscard]] std::vector<std::string> mount_system();

/// Makes everything that came with the rescue image read-only; memory for /run, /tmp and /mnt stays writable.
/// Returns what did not work.
[[nodiscard]] std::vector<std::string> make_root_read_only();

/// Makes the kernel's console our standard input, output and error, and lets the kernel itself say nothing on
/// it but errors. Precondition: /dev is there.
[[nodiscard]] std::vector<std::string> set_up_console();

}  // namespace mox::init
