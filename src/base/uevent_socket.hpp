#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox {

/// The kernel's own events (NETLINK_KOBJECT_UEVENT, multicast group 1; udev sends its copies to group 2).
/// What another process sends to the group is dropped.
class UeventSocket {
public:
    /// Errors (`internal`): the kernel has no such events, or there is no file descriptor left.
    [[nodiscard]] static Expected<UeventSocket> open();

    /// From now on only events with these actions wake up who waits: the kernel drops all others that differ
    /// in the first four letters. Precondition: each action has four letters or more.
    /// Errors (`internal`): the kernel has no socket filters.
    [[nodiscard]] Expected<void> accept_only(std::initializer_list<std::string_view> actions);

    enum class Reception {
        none,      ///< no message is waiting
        overflow,  ///< more happened than the kernel could queue: messages are lost
        message,
    };
    /// Takes one waiting message without waiting; `message` is for parse_uevent().
    [[nodiscard]] Reception receive(std::string& message);

    /// Becomes readable when a message arrives; owned by this.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    explicit UeventSocket(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace mox
