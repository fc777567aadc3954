// The tail of deflate streams against zlib, which stops at every block when it is asked to.

#include "medkit/deflate_tail.hpp"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <zlib.h>

#include <bit>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/seeds.hpp"
#include "support/tar_builder.hpp"

namespace mox::medkit {

namespace {

using test_support::noise;

std::optional<DeflateTail> tail_of(std::string_view stream) {
    // Memory of its own, so that ASan sees every step beyond the end.
    const std::vector<char> copy(stream.begin(), stream.end());
    return find_deflate_tail(std::as_bytes(std::span(copy)));
}

/// What zlib says: it stops behind each block (Z_BLOCK), and data_type holds the bits of the last byte that
/// it has not used.
DeflateTail tail_by_zlib(std::string stream) {
    z_stream zlib{};
    if (inflateInit2(&zlib, -15) != Z_OK) throw std::runtime_error("zlib");
    zlib.next_in = reinterpret_cast<Bytef*>(stream.data());
    zlib.avail_in = static_cast<uInt>(stream.size());
    std::vector<char> output(1 << 20);
    DeflateTail tail;
    for (int status = Z_OK; status != Z_STREAM_END;) {
        zlib.next_out = reinterpret_cast<Bytef*>(output.data());
        zlib.avail_out = static_cast<uInt>(output.size());
        status = inflate(&zlib, Z_BLOCK);
        if (status != Z_OK && status != Z_STREAM_END) throw std::runtime_error("zlib rejects the stream");
        const auto type = static_cast<unsigned>(zlib.data_type);
        const auto position = zlib.total_in * 8 - (type & 63);
        const bool between_blocks = (type & 128) != 0;
        const bool in_last_block = (type & 64) != 0;
        if (between_blocks && !in_last_block) tail.last_block = position;
        if (status == Z_STREAM_END) tail.end = position;
    }
    inflateEnd(&zlib);
    return tail;
}

std::string deflated_by_zlib(std::string content, int level, int strategy) {
    z_stream zlib{};
    if (deflateInit2(&zlib, level, Z_DEFLATED, -15, 8, strategy) != Z_OK) throw std::runtime_error("zlib");
    std::string stream(deflateBound(&zlib, content.size()), '\0');
    zlib.next_in = reinterpret_cast<Bytef*>(content.data());
    zlib.avail_in = static_cast<uInt>(content.size());
    zlib.next_out = reinterpret_cast<Bytef*>(stream.data());
    zlib.avail_out = static_cast<uInt>(stream.size());
    if (deflate(&zlib, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
    stream.resize(zlib.total_out);
    deflateEnd(&zlib);
    return stream;
}

std::string deflated_by_libdeflate(std::string_view content, int level) {
    const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
        libdeflate_alloc_compressor(level), &libdeflate_free_compressor);
    std::string stream(libdeflate_deflate_compress_bound(compressor.get(), content.size()), '\0');
    stream.resize(libdeflate_deflate_compress(compressor.get(), content.data(), content.size(), stream.data(),
                                              stream.size()));
    return stream;
}

void expect_tail_of_zlib(const std::string& stream, const std::string& what) {
    const auto tail = tail_of(stream);
    ASSERT_TRUE(tail) << what;
    const auto wanted = tail_by_zlib(stream);
    EXPECT_EQ(tail->last_block, wanted.last_block) << what;
    EXPECT_EQ((tail->end + 7) / 8 * 8, wanted.end) << what << ": zlib has skipped the rest of the last byte";
}

/// Text, noise, runs and zeros, of random sizes.
std::string mixed(std::mt19937_64& random) {
    std::string content;
    for (auto parts = random() % 12; parts > 0; --parts) {
        const auto size = random() % 40'000;
        switch (random() % 4) {
            case 0:
                content += noise(size);
                break;
            case 1:
                content.append(size, static_cast<char>(random()));
                break;
            case 2:
                for (std::size_t i = 0; i < size; i += 8) content += std::to_string(random() % 1000) + ",";
                break;
            default:  // many symbols of very different frequency: long codes
                for (std::size_t i = 0; i < size; ++i)
                    content += static_cast<char>(std::countr_zero(random() | (1ULL << 40)) * 5 +
                                                 (random() % 64 == 0 ? random() % 256 : 0));
        }
    }
    return content;
}

}  // namespace

TEST(DeflateTail, IsWhereZlibFindsIt) {
    std::mt19937_64 random(test_support::test_seed());
    const test_support::SoakClock clock(std::chrono::seconds(2));
    do {
        const auto content = mixed(random);
        const int level = static_cast<int>(random() % 10);
        for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED})
            expect_tail_of_zlib(deflated_by_zlib(content, level, strategy),
                                "zlib, strategy " + std::to_string(strategy));
        for (int by = 0; by <= 9; by += 3)
            expect_tail_of_zlib(deflated_by_libdeflate(content, by), "libdeflate " + std::to_string(by));
    } while (!clock.is_over() && !testing::Test::HasFailure());
}

TEST(DeflateTail, OfNothingAndOfOneByte) {
    for (const std::string content : {"", "x"})
        for (int level = 0; level <= 12; ++level)
            expect_tail_of_zlib(deflated_by_libdeflate(content, level), std::to_string(level));
}

TEST(DeflateTail, IsMissingInAStreamThatIsCutOffOrTooLong) {
    const auto stream = deflated_by_libdeflate(noise(3000) + std::string(5000, 'x') + noise(500), 6);
    ASSERT_TRUE(tail_of(stream));
    for (std::size_t size = 0; size < stream.size(); ++size)
        ASSERT_FALSE(tail_of(stream.substr(0, size))) << size;
    EXPECT_FALSE(tail_of(stream + '\0'));
}

/// Invalid data ends the walk: every case returns, and ASan sees no step beyond the end.
TEST(DeflateTail, OfChangedStreamsIsSomethingOrNothing) {
    std::mt19937_64 random(test_support::test_seed());
    const auto stream = deflated_by_libdeflate(mixed(random) + "text", 6);
    for (int round = 0; round < 300; ++round) {
        auto changed = stream;
        changed[random() % changed.size()] ^= static_cast<char>(1U << random() % 8);
        static_cast<void>(tail_of(changed));
        static_cast<void>(tail_of(noise(random() % 200)));
    }
    EXPECT_FALSE(tail_of("\x07")) << "block type 3";
}

}  // namespace mox::medkit
