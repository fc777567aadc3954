#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "base/uevent_socket.hpp"
#include "base/units.hpp"

namespace mox::storage {

/// Tells when a disk is plugged in, by listening to the kernel (NETLINK_KOBJECT_UEVENT).
/// Make it before the first look at the drives: what comes later is then never missed.
class DriveArrival {
public:
    DriveArrival();

    /// Waits for the next disk, or until the deadline. True: one came (since the last call, or since this was
    /// made); look again. False: the time is up.
    [[nodiscard]] boost::asio::awaitable<bool> drive_change_before(Clock::time_point deadline);

    /// Why the kernel cannot be listened to (no permission in a container, say); empty when it can. Otherwise
    /// the first wait lasts to the deadline and answers true, for one last look.
    [[nodiscard]] const std::string& deaf_because() const { return deaf_because_; }

private:
    std::optional<UeventSocket> socket_;
    std::string deaf_because_;
    bool last_look_due_ = false;
};

}  // namespace mox::storage
