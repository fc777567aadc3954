#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mox {

/// CRC-32C (Castagnoli) without inversion. btrfs uses it for the hashes of names and the checksums of nodes.
/// `start` is the initial value, or the value for the bytes before.
[[nodiscard]] constexpr std::uint32_t crc32c(std::uint32_t start, std::string_view bytes) {
    constexpr auto table = [] {
        constexpr std::uint32_t reversed_polynomial = 0x82f63b78;
        std::array<std::uint32_t, 256> values{};
        for (std::uint32_t byte = 0; byte < values.size(); ++byte) {
            std::uint32_t value = byte;
            for (int bit = 0; bit < 8; ++bit)
                value = (value >> 1) ^ ((value & 1) != 0 ? reversed_polynomial : 0);
            values.at(byte) = value;
        }
        return values;
    }();
    std::uint32_t value = start;
    for (const char c : bytes)
        value = table.at((value ^ static_cast<unsigned char>(c)) & 0xff) ^ (value >> 8);
    return value;
}

}  // namespace mox
