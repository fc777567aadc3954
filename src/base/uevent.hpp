#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox {

/// What the kernel tells about a device that comes, goes or changes, or about a button.
struct Uevent {
    std::string action{};     ///< "add", "remove", "change", ...; of a button "pressed", "released"
    std::string subsystem{};  ///< "block", "button"
    std::string type{};       ///< DEVTYPE: "disk", "partition"
    std::string name{};       ///< DEVNAME: "sda"
    bool media_change = false;
    std::string button{};  ///< BUTTON: "reset"
    /// SEEN: how long the button was in the state before, in whole seconds, rounded down.
    std::optional<std::chrono::seconds> seen{};

    bool operator==(const Uevent&) const = default;
};

/// Reads a message of NETLINK_KOBJECT_UEVENT: "ACTION@DEVPATH", then KEY=VALUE, each ended by a NUL byte
/// (Linux: lib/kobject_uevent.c). nullopt: not such a message (udev's own start with "libudev").
[[nodiscard]] std::optional<Uevent> parse_uevent(std::string_view message);

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
