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

/// Detects that a disk is plugged in, by kernel events (NETLINK_KOBJECT_UEVENT). Construct it before the
/// drives are listed for the first time: then no later event is lost.
class DriveArrival {
public:
    DriveArrival();

    /// Waits for the next disk until the deadline. True: a disk was added since the last call or since
    /// construction; list the drives again. False: the deadline has passed.
    [[nodiscard]] boost::asio::awaitable<bool> drive_change_before(Clock::time_point deadline);

    /// Message why kernel events cannot be received (no permission in a container, for example); empty when
    /// they can. With an error the first wait lasts until the deadline and returns true, for one final check
    /// of the drives.
    [[nodiscard]] const std::string& listen_error() const { return listen_error_; }

private:
    std::optional<UeventSocket> socket_;
    std::string listen_error_;
    bool final_check_due_ = false;
};

/// The drives of this machine, as the kernel lists them: the card is the disk on the board's card controller,
/// and every other disk on a USB bus is a USB drive. Not listed: loop and RAM disks, flash (mtd), a card's
/// boot partitions, card readers without a card.
class SysfsDrives : public Drives {
public:
    /// `card_controller`: a part of the card's sysfs path (base/device_path.hpp): "d00d8000.". `sysfs` is
    /// where sysfs is mounted. Logs a warning when kernel events cannot be received.
    SysfsDrives(std::string card_controller, Log& log, std::filesystem::path sysfs = "/sys");

    /// Errors (`internal`): sysfs cannot be read.
    [[nodiscard]] Expected<std::vector<Drive>> plugged_in() override;

    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline) override;

private:
    DriveArrival arrival_;  // first: receives events before the drives are listed
    std::string card_controller_;
    std::filesystem::path sysfs_;
};

/// Whether the event may mean a new disk: one was plugged in, or a card was inserted into a card reader.
[[nodiscard]] inline bool may_add_disk(const Uevent& event) {
    if (event.subsystem != "block" || event.type != "disk") return false;
    return event.action == "add" || (event.action == "change" && event.media_change);
}

}  // namespace mox::storage
