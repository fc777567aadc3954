#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "storage/partitions.hpp"

namespace mox::storage {

/// The type, UUID and label in a file system's super block; all empty when no known one is found.
struct FileSystemSignature {
    std::string filesystem;  ///< libblkid's name: "ext4", "vfat"
    std::string uuid;
    std::string label;
};

/// The file system on an open block device. Errors: `kind`, when it cannot be read.
[[nodiscard]] Expected<FileSystemSignature> probe_filesystem(int fd, const std::filesystem::path& node,
                                                             ErrorKind kind);

/// The partition table of an open block device (DOS with logical partitions, GPT, and what else libblkid
/// knows), without extended containers and empty entries. nullopt: there is no table. The boot sector of a
/// FAT or NTFS, which looks like a DOS table, is not taken for one. Errors: `kind`, when it cannot be read.
[[nodiscard]] Expected<std::optional<std::vector<Partition>>> probe_partition_table(
    int fd, const std::filesystem::path& node, ErrorKind kind);

}  // namespace mox::storage
