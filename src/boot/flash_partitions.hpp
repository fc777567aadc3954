#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::boot {

/// A partition of the flash memory (mtd).
struct FlashPartition {
    std::filesystem::path node;  ///< "/dev/mtd2"
    std::string label;           ///< of the device tree: "u-boot-env"
    Bytes size;
    Bytes erase_block;  ///< the smallest unit that can be erased

    bool operator==(const FlashPartition&) const = default;
};

/// Reads the text of /proc/mtd: `mtd2: 00010000 00010000 "u-boot-env"`, sizes in hexadecimal. Pure. Other
/// lines (the heading) are ignored.
[[nodiscard]] std::vector<FlashPartition> parse_flash_partitions(std::string_view table);

/// The partition of that label on this machine. Errors (`internal`): the kernel has no flash, or there is no
/// such partition, or more than one; the message lists the labels.
[[nodiscard]] Expected<FlashPartition> find_flash_partition(std::string_view label,
                                                            const std::filesystem::path& table = "/proc/mtd");

}  // namespace mox::boot
