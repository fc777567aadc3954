#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace mox::medkit {

using Sha256Digest = std::array<std::uint8_t, 32>;
using Md5Digest = std::array<std::uint8_t, 16>;

/// Lower-case hexadecimal, as sha256sum prints it.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> digest);

}  // namespace mox::medkit
