#pragma once

#include <sys/types.h>

#include "base/error.hpp"

namespace mox::operation {

/// What a press does to the router. Two implementations live: the router (router.hpp) and the tests'.
class Machine {
public:
    virtual ~Machine() = default;

    /// Starts the system's own reboot: a child process, which is the caller's to wait for.
    /// Errors (`internal`): it could not be started.
    [[nodiscard]] virtual Expected<pid_t> start_reboot() = 0;

    /// Starts going back to the factory snapshot: a child process, as above. Exit status 0: done, and the
    /// card holds it; reset now.
    [[nodiscard]] virtual Expected<pid_t> start_factory_reset() = 0;

    /// Resets at once, nothing is synced. Returns only if it fails (`internal`).
    [[nodiscard]] virtual Expected<void> reset() = 0;
};

}  // namespace mox::operation
