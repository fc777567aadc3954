#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "boot/flash_partitions.hpp"

namespace mox::boot {

/// A partition of NOR flash: it is read like a file, but a byte can only be written after its whole block was
/// erased. Two implementations live: the kernel's mtd devices, and one in memory that loses its power
/// (tests). All errors are `internal`.
class Flash {
public:
    virtual ~Flash() = default;

    [[nodiscard]] virtual Bytes size() const = 0;
    [[nodiscard]] virtual Bytes erase_block() const = 0;

    /// Fills `buffer` from `offset` on. Precondition: both within the partition, as for all of these.
    [[nodiscard]] virtual Expected<void> read(std::uint64_t offset, std::span<char> buffer) = 0;
    /// Erases the block that begins at `offset`: all its bytes become 0xff.
    [[nodiscard]] virtual Expected<void> erase(std::uint64_t offset) = 0;
    /// Writes into what is erased.
    [[nodiscard]] virtual Expected<void> write(std::uint64_t offset, std::string_view content) = 0;
};

/// The partition's mtd device, unlocked where the chip has locks. Errors (`internal`): no such device, not
/// NOR flash, write protected by the device tree.
[[nodiscard]] Expected<std::unique_ptr<Flash>> open_flash(const FlashPartition& partition);

}  // namespace mox::boot
