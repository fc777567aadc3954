#include "storage/removable_disk.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace mox::storage {

namespace {

namespace fs = std::filesystem;

/// The name of a USB bus: "usb1".
bool is_usb_bus(std::string_view directory) {
    return directory.starts_with("usb") && directory.size() > 3 &&
           std::ranges::all_of(directory.substr(3), [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether the file of sysfs holds this word.
bool holds(const fs::path& file, std::string_view word) {
    const auto text = read_small_file(file, ErrorKind::internal);
    return text && trimmed(*text, " \t\n") == word;
}

}  // namespace

bool is_on_usb(const fs::path& device) {
    return std::ranges::any_of(device,
                               [](const fs::path& directory) { return is_usb_bus(directory.native()); });
}

bool is_removable(const fs::path& sysfs_directory) {
    std::error_code unplugged;
    const auto device = fs::canonical(sysfs_directory, unplugged);
    if (unplugged) return false;
    return is_on_usb(device) || holds(device / "removable", "1") || holds(device / "device/type", "SD");
}

}  // namespace mox::storage
