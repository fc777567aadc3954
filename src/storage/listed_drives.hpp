#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "storage/drive.hpp"

namespace mox::storage {

/// Drives given by hand: block device nodes of whole disks, loop devices included.
class ListedDrives : public Drives {
public:
    ListedDrives(std::optional<std::filesystem::path> card, std::vector<std::filesystem::path> usb_drives);

    /// The card, and those USB drives that are there now, in the given order; one without a medium (a loop
    /// device without an image) is not there.
    /// Errors: `card`: the card is not there; its kind (error_kind): not a block device, or a partition.
    [[nodiscard]] Expected<std::vector<Drive>> plugged_in() override;

private:
    std::optional<std::filesystem::path> card_;
    std::vector<std::filesystem::path> usb_drives_;
};

}  // namespace mox::storage
