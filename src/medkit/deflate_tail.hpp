#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mox::medkit {

/// Where the last block of a deflate stream (RFC 1951) begins, and where the stream ends: positions in bits
/// from the start, the lowest bit of a byte first.
struct DeflateTail {
    std::uint64_t last_block = 0;  ///< its first bit is BFINAL
    std::uint64_t end = 0;
};

/// Reads the codes of a deflate stream, without producing its content, and returns its tail. Takes a fifth of
/// the time of compressing. nullopt: the data is not a stream that ends in its last byte. Pure.
[[nodiscard]] std::optional<DeflateTail> find_deflate_tail(std::span<const std::byte> stream);

}  // namespace mox::medkit
