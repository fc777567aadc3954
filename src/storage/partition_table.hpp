#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/units.hpp"
#include "storage/partitions.hpp"

namespace mox::storage {

/// Where the partition of a new table begins.
inline constexpr Bytes first_partition_start{1 << 20};

/// Types of partitions in a DOS table.
enum class PartitionType : unsigned {
    linux_native = 0x83,
    fat32_lba = 0x0c,
};

/// Writes a DOS partition table with one partition over the open disk, erases the signatures of older tables
/// and file systems, and syncs. Returns the partition, which the kernel does not know yet. Errors: `kind`.
[[nodiscard]] Expected<Partition> write_partition_table(int disk, const std::filesystem::path& node,
                                                        PartitionType type, ErrorKind kind);

}  // namespace mox::storage
