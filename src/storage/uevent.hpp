#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mox::storage {

/// What the kernel tells about a device that comes, goes or changes.
struct Uevent {
    std::string action{};     ///< "add", "remove", "change", ...
    std::string subsystem{};  ///< "block"
    std::string type{};       ///< DEVTYPE: "disk", "partition"
    std::string name{};       ///< DEVNAME: "sda"
    bool media_change = false;

    bool operator==(const Uevent&) const = default;
};

/// Reads a message of NETLINK_KOBJECT_UEVENT: "ACTION@DEVPATH", then KEY=VALUE, each ended by a NUL byte
/// (Linux: lib/kobject_uevent.c). Nothing: not such a message (udev's own start with "libudev").
[[nodiscard]] std::optional<Uevent> parse_uevent(std::string_view message);

/// Whether there may be another disk to look at: one was plugged in, or a card reader got a card.
[[nodiscard]] bool brings_a_disk(const Uevent& event);

}  // namespace mox::storage
