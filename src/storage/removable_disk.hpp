#pragma once

#include <filesystem>

namespace mox::storage {

/// Whether a device is on a USB bus. `device`: its directory below /sys/devices, without symbolic links.
[[nodiscard]] bool is_on_usb(const std::filesystem::path& device);

/// Whether a whole disk can be taken out: it is on USB, is an SD or MMC card (not soldered in, as far as its
/// type "SD" tells), or the kernel calls it removable. False for an internal disk and a loop device.
/// Precondition: the sysfs directory of a whole disk.
[[nodiscard]] bool is_removable(const std::filesystem::path& sysfs_directory);

}  // namespace mox::storage
