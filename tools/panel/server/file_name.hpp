#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::virtual_mox::panel {

/// Decodes the name of a file from a URL (percent-encoded): 1 to 200 bytes of UTF-8 without control
/// characters and slashes, not beginning with a dot. nullopt: not a valid name. Pure.
[[nodiscard]] std::optional<std::string> file_name_in(std::string_view encoded);

/// The size of the largest file that is accepted for a stick.
inline constexpr Bytes largest_upload{512ULL << 20};

/// Checks that a stick with any file system can hold a file of this name and size; FAT32 can hold the fewest:
/// no name with one of `" * / : < > ? \ |`, with a dot or blank at its end, of more than 255 UTF-16 units, or
/// of a device of DOS; no two names that differ only in upper and lower case; no file of 4 GiB. `others` are
/// the names that are there already; the same name is replaced. Errors (`internal`): as a message for the
/// page. Pure.
[[nodiscard]] Expected<void> check_stick_file(std::string_view name, Bytes size,
                                              std::span<const std::string> others);

}  // namespace mox::virtual_mox::panel
