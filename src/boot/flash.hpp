#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "boot/flash_partitions.hpp"

namespace mox::boot {

/// A partition of NOR flash: it is read like a file, but a byte can be written only after its whole block was
/// erased. Implementations: the kernel's mtd devices, and one in memory that simulates power cuts (tests).
/// All errors are `internal`.
class Flash {
public:
    virtual ~Flash() = default;

    [[nodiscard]] virtual Bytes size() const = 0;
    [[nodiscard]] virtual Bytes erase_block() const = 0;

    /// Fills `buffer` from `offset` on. Precondition, here and below: the range is within the partition.
    [[nodiscard]] virtual Expected<void> read(std::uint64_t offset, std::span<char> buffer) = 0;
    /// Erases the block that begins at `offset`: all its bytes become 0xff.
    [[nodiscard]] virtual Expected<void> erase(std::uint64_t offset) = 0;
    /// Writes to erased bytes.
    [[nodiscard]] virtual Expected<void> write(std::uint64_t offset, std::string_view content) = 0;
};

/// Opens the partition's mtd device, and unlocks it if the chip has locks. Errors (`internal`): there is no
/// such device, it is not NOR flash, or the device tree makes it read-only.
[[nodiscard]] Expected<std::unique_ptr<Flash>> open_flash(const FlashPartition& partition);

}  // namespace mox::boot
