#pragma once

#include <string_view>

#include "base/unique_fd.hpp"

namespace mox::test_support {

/// Lets the kernel send uevents in a network namespace of the test's own: what is written to the uevent
/// socket the kernel sends on as its own message to everyone in that namespace (Linux 4.18:
/// lib/kobject_uevent.c, uevent_net_rcv). Needs root.
class UeventSender {
public:
    /// Moves this process, which must have one thread, into a new network namespace; its children follow.
    /// Throws when there can be none.
    UeventSender();

    /// A message as the kernel makes it: "ACTION@...", then KEY=VALUE, each ended by a NUL byte.
    /// Throws when the kernel refuses it.
    void send(std::string_view message);
    /// As OpenWrt's driver gpio-button-hotplug sends it.
    void send_button(std::string_view action, std::string_view button, long seen);

private:
    UniqueFd socket_;
};

}  // namespace mox::test_support
