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

/// The partitions of an open whole disk that the kernel has registered, sorted by number.
[[nodiscard]] Expected<std::vector<Partition>> kernel_partitions(int disk, const std::filesystem::path& node,
                                                                 ErrorKind kind);

/// A partition that could not be registered, and the message why.
struct RefusedPartition {
    int number = 0;
    std::string message;
};

/// Registers exactly the partitions `wanted` of an open whole disk in the kernel (BLKPG): removes those that
/// are not wanted, adds missing ones, and leaves correct ones unchanged, also when they are in use. The nodes
/// exist on return. Returns those that the kernel refused (beyond the end of the disk, for example). Errors
/// (`kind`): a partition that is no longer in the table is in use; no permission.
[[nodiscard]] Expected<std::vector<RefusedPartition>> register_partitions(int disk,
                                                                          const std::filesystem::path& node,
                                                                          std::span<const Partition> wanted,
                                                                          ErrorKind kind);

/// The node of a registered partition. Errors: `kind`.
[[nodiscard]] Expected<std::filesystem::path> partition_node(int disk, const std::filesystem::path& node,
                                                             int number, ErrorKind kind);

}  // namespace mox::storage
