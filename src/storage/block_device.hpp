#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::storage {

/// Opens a block device node. `flags` as for open(2). Errors (`kind`): missing, no medium in it, busy
/// (with O_EXCL: mounted or claimed by somebody), not a block device.
[[nodiscard]] Expected<UniqueFd> open_block_device(const std::filesystem::path& node, int flags,
                                                   ErrorKind kind);

/// Size of an open block device. Errors: `kind`.
[[nodiscard]] Expected<Bytes> block_device_size(int fd, const std::filesystem::path& node, ErrorKind kind);

/// Device number of an open block device. Errors: `kind`.
[[nodiscard]] Expected<dev_t> block_device_number(int fd, const std::filesystem::path& node, ErrorKind kind);

/// What the kernel says about a block device: a folder below /sys.
[[nodiscard]] std::filesystem::path sysfs_folder(dev_t number);

/// The node of a block device, from its sysfs folder: "/dev/mmcblk0p1".
/// devtmpfs makes nodes before the call that registers the device returns, so it is there.
/// Errors: `kind`.
[[nodiscard]] Expected<std::filesystem::path> node_of(const std::filesystem::path& sysfs_folder,
                                                      ErrorKind kind);

/// True for "sda1", false for "sda". Precondition: a sysfs folder of a block device.
[[nodiscard]] bool is_partition(const std::filesystem::path& sysfs_folder);

}  // namespace mox::storage
