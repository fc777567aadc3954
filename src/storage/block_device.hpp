#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::storage {

/// Opens a block device node. `flags` as for open(2). Errors (`kind`): missing, no medium in it, busy (with
/// O_EXCL: mounted, or another program holds it), not a block device.
[[nodiscard]] Expected<UniqueFd> open_block_device(const std::filesystem::path& node, int flags,
                                                   ErrorKind kind);

/// Size of an open block device. Errors: `kind`.
[[nodiscard]] Expected<Bytes> block_device_size(int fd, const std::filesystem::path& node, ErrorKind kind);

/// Device number of an open block device. Errors: `kind`.
[[nodiscard]] Expected<dev_t> block_device_number(int fd, const std::filesystem::path& node, ErrorKind kind);

/// Whether both nodes are of the same block device; false when one is not there.
[[nodiscard]] bool is_same_device(const std::filesystem::path& left, const std::filesystem::path& right);

/// The directory of a block device in sysfs.
[[nodiscard]] std::filesystem::path sysfs_directory(dev_t number);

/// The node of a block device, from its sysfs directory: "/dev/mmcblk0p1". It exists: devtmpfs makes the node
/// before the call that registers the device returns. Errors: `kind`.
[[nodiscard]] Expected<std::filesystem::path> node_of(const std::filesystem::path& sysfs_directory,
                                                      ErrorKind kind);

/// "SanDisk Ultra" (SCSI: maker and model), "SD32G" (MMC: name); empty: unknown. Precondition: the sysfs
/// directory of a whole disk.
[[nodiscard]] std::string model_of(const std::filesystem::path& sysfs_directory);

/// True for "sda1", false for "sda". Precondition: the sysfs directory of a block device.
[[nodiscard]] bool is_partition(const std::filesystem::path& sysfs_directory);

}  // namespace mox::storage
