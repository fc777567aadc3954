#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.hpp"

struct libdeflate_compressor;

namespace mox::medkit {

/// How hard a compressor searches: 1 is the fastest, 12 gives the smallest result.
struct CompressionLevel {
    static constexpr int least = 1;
    static constexpr int most = 12;

    int value = 2;  ///< docs/decisions/060-pack-in-parallel.md
};

/// Reads "1" to "12"; nullopt for any other text.
[[nodiscard]] std::optional<CompressionLevel> parse_compression_level(std::string_view text);

/// Compresses the pieces of one deflate stream (RFC 1951) independently of each other, so that several of
/// these objects can work on a stream. The same piece and level give the same bytes on every machine.
///
/// libdeflate ends what it compresses with a block that is marked as the last one. This mark is removed, and
/// an empty stored block is added, which ends in the last bit of a byte: packed pieces can be concatenated.
class PieceCompressor {
public:
    /// Errors (`internal`): no memory.
    [[nodiscard]] static Expected<PieceCompressor> create(CompressionLevel level);

    /// Replaces `packed` by the packed bytes. Errors (`internal`): libdeflate gives an invalid stream.
    [[nodiscard]] Expected<void> compress(std::span<const std::byte> piece, std::vector<std::byte>& packed);

    /// Ends a stream of packed pieces: an empty last block.
    [[nodiscard]] static std::span<const std::byte> end_of_stream();

private:
    struct Free {
        void operator()(libdeflate_compressor* compressor) const;
    };
    explicit PieceCompressor(libdeflate_compressor* compressor) : compressor_(compressor) {}

    std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

}  // namespace mox::medkit
