#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <optional>
#include <vector>

#include "storage/drive.hpp"
#include "storage/drives.hpp"

namespace mox::storage {

/// Drives given by hand: block device nodes of whole disks, loop devices included.
class ListedDrives : public Drives {
public:
    /// Errors: `card`: the card is not there; of each one's kind (error_kind): it is not there, not a block
    /// device, or a partition.
    [[nodiscard]] static Expected<ListedDrives> open(std::optional<std::filesystem::path> card,
                                                     std::vector<std::filesystem::path> usb_drives);

    /// The card, and those USB drives that are still there, in the given order; one without a medium (a loop
    /// device without an image) is not there. Errors: as `open`, but for USB drives that are gone.
    [[nodiscard]] Expected<std::vector<Drive>> plugged_in() override;

    /// False at once: nothing is added to the list.
    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline) override;

private:
    ListedDrives(std::optional<std::filesystem::path> card, std::vector<std::filesystem::path> usb_drives);

    std::optional<std::filesystem::path> card_;
    std::vector<std::filesystem::path> usb_drives_;
};

}  // namespace mox::storage
