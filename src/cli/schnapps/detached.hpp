#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::cli::schnapps {

/// Starts this program anew with other arguments, as a process that has no terminal, is in a session of its
/// own, and belongs to nobody who is going to end: it survives the ssh connection that it was started from.
/// Returns its process id. Errors (`internal`).
[[nodiscard]] Expected<pid_t> start_detached(const std::vector<std::string>& arguments);

/// Sleeps on the clock that goes on while the machine is suspended (CLOCK_BOOTTIME).
void sleep_on_boot_clock(std::chrono::seconds duration);

}  // namespace mox::cli::schnapps
