#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::storage {

/// One entry of a partition table.
struct Partition {
    int number = 0;  ///< 1-based; 5 and up: logical
    Bytes start;
    Bytes size;

    bool operator==(const Partition&) const = default;
};

/// The partitions that the kernel knows of an open whole disk, by number.
[[nodiscard]] Expected<std::vector<Partition>> kernel_partitions(int disk, const std::filesystem::path& node,
                                                                 ErrorKind kind);

/// What could not be registered, and why, for people.
struct RefusedPartition {
    int number = 0;
    std::string reason;
};

/// Makes the kernel know exactly `wanted` of an open whole disk (BLKPG): removes what is there and not
/// wanted, adds what is missing, leaves what is right alone, also when it is in use. The nodes exist when
/// this returns. Answers those that the kernel did not take (beyond the end of the disk, say).
/// Errors (`kind`): a partition that is no longer in the table is in use; no permission.
[[nodiscard]] Expected<std::vector<RefusedPartition>> register_partitions(int disk,
                                                                          const std::filesystem::path& node,
                                                                          std::span<const Partition> wanted,
                                                                          ErrorKind kind);

/// The node of a partition that the kernel knows. Errors: `kind`.
[[nodiscard]] Expected<std::filesystem::path> partition_node(int disk, const std::filesystem::path& node,
                                                             int number, ErrorKind kind);

}  // namespace mox::storage
