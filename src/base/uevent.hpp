#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

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

}  // namespace mox
