#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/uevent.hpp"
#include "base/units.hpp"
#include "storage/drive.hpp"
#include "storage/drives.hpp"

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
    [[nodiscard]] const std::string& listen_error() const { return deaf_because_; }

private:
    std::optional<UeventSocket> socket_;
    std::string deaf_because_;
    bool last_look_due_ = false;
};

/// The drives of this machine, as the kernel lists them: the card is the disk on the board's card controller,
/// every other disk on a USB bus is a USB drive. Not listed: loop and RAM disks, flash (mtd), a card's boot
/// partitions, card readers without a card.
class SysfsDrives : public Drives {
public:
    /// `card_controller`: what the card's sysfs path leads through (base/device_path.hpp): "d00d8000.".
    /// `sysfs` is where sysfs is mounted. Logs it when the kernel cannot be listened to.
    SysfsDrives(std::string card_controller, Log& log, std::filesystem::path sysfs = "/sys");

    /// Errors (`internal`): sysfs cannot be read.
    [[nodiscard]] Expected<std::vector<Drive>> plugged_in() override;

    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline) override;

private:
    DriveArrival arrival_;  // first: listens before anybody looks
    std::string card_controller_;
    std::filesystem::path sysfs_;
};

/// Whether there may be another disk to look at: one was plugged in, or a card reader got a card.
[[nodiscard]] inline bool brings_a_disk(const Uevent& event) {
    if (event.subsystem != "block" || event.type != "disk") return false;
    return event.action == "add" || (event.action == "change" && event.media_change);
}

}  // namespace mox::storage
