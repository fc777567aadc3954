#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::button {

/// Starts a program, looked up in PATH, with default signals and no input. Does not wait, not even until the
/// program is read from the card, as posix_spawn() and vfork() do: a card that does not answer stops only the
/// child. When there is no such program the child prints an error on standard error and ends with 127.
/// Precondition: this process has one thread. Errors (`internal`): no memory, or too many processes.
[[nodiscard]] Expected<pid_t> spawn(std::vector<std::string> argv);

}  // namespace mox::button
