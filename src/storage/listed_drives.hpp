#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <optional>
#include <vector>

#include "storage/drive.hpp"
#include "storage/drives.hpp"

namespace mox::storage {

/// A fixed list of drives: block device nodes of whole disks, loop devices included.
class ListedDrives : public Drives {
public:
    /// Errors: `card`: the card is missing; of each drive's kind (error_kind): it is missing, not a block
    /// device, or a partition; `card`: the card is also one of the drives.
    [[nodiscard]] static Expected<ListedDrives> open(std::optional<std::filesystem::path> card,
                                                     std::vector<std::filesystem::path> usb_drives);

    /// The card, and the USB drives that still exist, in the given order, without those that have no medium
    /// (a loop device without an image). Errors: as `open`, except for missing USB drives.
    [[nodiscard]] Expected<std::vector<Drive>> plugged_in() override;

    /// Returns false at once: the list does not change.
    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline) override;

private:
    ListedDrives(std::optional<std::filesystem::path> card, std::vector<std::filesystem::path> usb_drives);

    std::optional<std::filesystem::path> card_;
    std::vector<std::filesystem::path> usb_drives_;
};

}  // namespace mox::storage
