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

/// A kernel event about a device (added, removed, changed) or a button.
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
/// (Linux: lib/kobject_uevent.c). nullopt: another message (those of udev start with "libudev").
[[nodiscard]] std::optional<Uevent> parse_uevent(std::string_view message);

/// The kernel's own events (NETLINK_KOBJECT_UEVENT, multicast group 1; udev sends its copies to group 2).
/// Messages of other processes to the group are dropped.
class UeventSocket {
public:
    /// Errors (`internal`): the kernel has no such events, or no file descriptor is free.
    [[nodiscard]] static Expected<UeventSocket> open();

    /// From now on the kernel drops all events whose action differs from these in the first four letters:
    /// they do not wake up this process. Precondition: each action has four letters or more. Errors
    /// (`internal`): the kernel has no socket filters.
    [[nodiscard]] Expected<void> accept_only(std::initializer_list<std::string_view> actions);

    enum class Reception {
        none,      ///< no message is waiting
        overflow,  ///< the kernel's queue was full: messages are lost
        message,
    };
    /// Reads one message without waiting; `message` is for parse_uevent().
    [[nodiscard]] Reception receive(std::string& message);

    /// Becomes readable when a message arrives; owned by this object.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    explicit UeventSocket(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace mox
