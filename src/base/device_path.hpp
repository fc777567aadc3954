#pragma once

#include <filesystem>
#include <string_view>

namespace mox {

/// Whether the sysfs path of a device leads through `controller`. `controller` is one or more directory names
/// in a row ("0000:00:03.0", "0000:00:02.0/virtio1"), or, when it ends with a dot, the address of a device of
/// the SoC ("d00d8000."). Linux names such a device by its address and the name of its device tree node, and
/// the name may change between versions of the tree: `d00d8000.sdhci` became `d00d8000.mmc`. Pure. False for
/// an empty `controller`.
[[nodiscard]] bool leads_through(const std::filesystem::path& device, std::string_view controller);

}  // namespace mox
