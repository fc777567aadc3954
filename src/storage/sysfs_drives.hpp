#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "storage/drive.hpp"
#include "storage/drive_arrival.hpp"

namespace mox::storage {

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

}  // namespace mox::storage
