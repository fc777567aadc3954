#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>

namespace mox::supervision {

/// Takes away the processes whose parents have died: they become ours, and stay zombies unless we do. A child
/// of our own is left to whoever started it.
class Reaper {
public:
    /// From now on `child` is our own; -1: none is. One at a time.
    void leave_alone(pid_t child) { own_child_ = child; }

    /// Reaps whatever has ended but our own child.
    void reap() const;

    /// Reaps whenever a process ends (SIGCHLD). Never ends by itself.
    [[nodiscard]] boost::asio::awaitable<void> reap_for_ever() const;

private:
    pid_t own_child_ = -1;
};

}  // namespace mox::supervision
