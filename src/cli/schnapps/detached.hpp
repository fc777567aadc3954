#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::cli::schnapps {

/// Starts this program again with other arguments, as a process without a terminal and in a session of its
/// own: it survives the end of the ssh connection. Returns its process id. Errors (`internal`).
[[nodiscard]] Expected<pid_t> start_detached(const std::vector<std::string>& arguments);

/// Sleeps on the clock that also runs while the machine is suspended (CLOCK_BOOTTIME).
void sleep_on_boot_clock(std::chrono::seconds duration);

}  // namespace mox::cli::schnapps
