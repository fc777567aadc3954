#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"

namespace mox {

/// Opens an open directory once more. Reading a directory moves the position of its descriptor, so a
/// descriptor that is used elsewhere too is not read itself. No descriptor: errno has the reason.
[[nodiscard]] UniqueFd open_again(int directory);

/// Calls `entry` with the name and the type (DT_* of readdir(3)) of each entry but "." and "..", in the order
/// of the file system. Error: the number (errno).
[[nodiscard]] std::expected<void, int> for_each_entry(
    UniqueFd directory, const std::function<void(std::string_view, unsigned char)>& entry);

/// The names in a directory without "." and "..", in the order of the file system. Error: the number (errno).
[[nodiscard]] std::expected<std::vector<std::string>, int> names_in_directory(UniqueFd directory);

}  // namespace mox
