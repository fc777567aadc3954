#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "boot/environment.hpp"

namespace mox::disk_images {

// U-Boot's environment in the format of the flash: a CRC-32 of all bytes after it (little endian), then
// "name=value" with a NUL after each and one more at the end. One copy, no flags byte. Pure.

/// The bytes of a whole environment of `size`; unused ones are 0xff. Errors (`internal`): it does not fit, or
/// U-Boot could not read a name back.
[[nodiscard]] Expected<std::string> encode_boot_environment(const boot::Variables& variables, Bytes size);

/// Errors (`internal`): wrong checksum (U-Boot would use its built-in defaults), or the end is missing.
[[nodiscard]] Expected<boot::Variables> decode_boot_environment(std::string_view bytes);

}  // namespace mox::disk_images
