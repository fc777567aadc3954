#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::button {

/// Starts a program, looked up in PATH, with the usual signals and no input, and does not wait: not even for
/// the program to be read from the card, as posix_spawn() and vfork() do. A card that does not answer stops
/// the child alone. The child ends with 127 when there is no such program, and says so on standard error.
/// Precondition: this process has one thread. Errors (`internal`): no memory or no process left.
[[nodiscard]] Expected<pid_t> spawn(std::vector<std::string> argv);

}  // namespace mox::button
