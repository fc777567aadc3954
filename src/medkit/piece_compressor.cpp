#include "medkit/piece_compressor.hpp"

#include <libdeflate.h>

#include <array>
#include <charconv>
#include <cstdint>

#include "medkit/deflate_tail.hpp"

namespace mox::medkit {

namespace {

// RFC 1951, 3.2.4: an empty stored block is three zero bits, zeros up to the next byte, LEN 0 and its
// complement.
constexpr std::array length_of_empty_block{std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};
constexpr unsigned bits_of_block_header = 3;
// BFINAL 1, BTYPE 01, and the code of the end of the block: seven zero bits.
constexpr std::array empty_last_block{std::byte{3}, std::byte{0}};

}  // namespace

std::optional<CompressionLevel> parse_compression_level(std::string_view text) {
    CompressionLevel level;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, level.value);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    if (level.value < CompressionLevel::least || level.value > CompressionLevel::most) return std::nullopt;
    return level;
}

void PieceCompressor::Free::operator()(libdeflate_compressor* compressor) const {
    ::libdeflate_free_compressor(compressor);
}

Expected<PieceCompressor> PieceCompressor::create(CompressionLevel level) {
    auto* const compressor = ::libdeflate_alloc_compressor(level.value);
    if (compressor == nullptr) return fail(ErrorKind::internal, "no memory for a compressor");
    return PieceCompressor(compressor);
}

Expected<void> PieceCompressor::compress(std::span<const std::byte> piece, std::vector<std::byte>& packed) {
    packed.resize(::libdeflate_deflate_compress_bound(compressor_.get(), piece.size()));
    packed.resize(::libdeflate_deflate_compress(compressor_.get(), piece.data(), piece.size(), packed.data(),
                                                packed.size()));
    const auto tail = find_deflate_tail(packed);
    if (!tail) return fail(ErrorKind::internal, "libdeflate gives no valid deflate stream");

    packed[tail->last_block / 8] &= ~(std::byte{1} << static_cast<int>(tail->last_block % 8));
    // The bits behind the end are zeros: the header of the empty block if there are three of them.
    const auto free_bits = static_cast<unsigned>(packed.size() * 8 - tail->end);
    if (free_bits < bits_of_block_header) packed.push_back({});
    packed.insert(packed.end(), length_of_empty_block.begin(), length_of_empty_block.end());
    return {};
}

std::span<const std::byte> PieceCompressor::end_of_stream() {
    return empty_last_block;
}

}  // namespace mox::medkit
