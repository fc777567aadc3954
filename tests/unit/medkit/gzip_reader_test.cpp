#include "medkit/gzip_reader.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/tar_builder.hpp"

namespace mox::medkit {

namespace {

using test_support::gzip;
using test_support::noise;

/// Hands out a file in blocks of one size, each in memory of its own so that ASan sees every step aside.
class Blocks {
public:
    Blocks(std::string_view file, std::size_t size) : rest_(file), size_(size) {}

    std::span<const std::byte> operator()() {
        const auto length = std::min(size_, rest_.size());
        block_.assign(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(length));
        block_.shrink_to_fit();
        rest_.remove_prefix(length);
        return std::as_bytes(std::span(block_));
    }

private:
    std::string_view rest_;
    std::size_t size_;
    std::vector<char> block_;
};

struct Unpacked {
    std::string bytes;
    std::string error;
};

Unpacked unpack(std::string_view file, std::size_t block_size = 4096) {
    GzipReader reader{Blocks(file, block_size)};
    Unpacked result;
    for (;;) {
        const auto piece = reader.read();
        if (!piece) {
            EXPECT_EQ(piece.error().kind(), ErrorKind::medkit);
            result.error = piece.error().describe();
            return result;
        }
        if (piece->empty()) return result;
        result.bytes.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
}

std::string text_and_noise() {
    std::string text;
    for (int i = 0; i < 400; ++i) text += "line " + std::to_string(i * i) + " of a configuration file\n";
    return text + noise(5000);
}

TEST(GzipReader, UnpacksWhatZlibPackedAtEveryLevel) {
    const auto original = text_and_noise();
    for (int level = 0; level <= 9; ++level) {
        const auto result = unpack(gzip(original, level));
        EXPECT_EQ(result.error, "");
        EXPECT_EQ(result.bytes, original);
    }
}

TEST(GzipReader, UnpacksMuchMoreThanItsBuffersHold) {
    std::string original = noise(3'000'000);
    original.resize(43'000'000, 'x');
    const auto result = unpack(gzip(original, 1), 256 << 10);
    EXPECT_EQ(result.error, "");
    EXPECT_TRUE(result.bytes == original);
}

TEST(GzipReader, DoesNotCareWhereTheInputIsSplit) {
    const auto original = text_and_noise().substr(0, 3000);
    const auto packed = gzip(original) + gzip("second member") + gzip("") + gzip(original);
    const auto expected = original + "second member" + original;
    for (std::size_t size = 1; size <= packed.size(); size = size < 40 ? size + 1 : size + 7) {
        const auto result = unpack(packed, size);
        EXPECT_EQ(result.error, "") << "blocks of " << size;
        EXPECT_TRUE(result.bytes == expected) << "blocks of " << size;
    }
}

TEST(GzipReader, AcceptsZerosBehindTheLastMember) {
    const auto packed = gzip("content");
    for (const std::size_t zeros : {std::size_t{1}, std::size_t{511}, std::size_t{100'000}})
        EXPECT_EQ(unpack(packed + std::string(zeros, '\0')).error, "");
}

TEST(GzipReader, RejectsAnythingElseBehindTheLastMember) {
    const auto packed = gzip("content");
    for (const auto& garbage :
         {std::string("x"), std::string("\0\0\0x", 4), std::string(70'000, '\0') + "<html>"})
        EXPECT_NE(unpack(packed + garbage).error.find("after its end"), std::string::npos);
}

TEST(GzipReader, RejectsAMemberThatBeginsBehindPadding) {
    const auto packed = gzip("content") + std::string(512, '\0') + gzip("hidden");
    EXPECT_NE(unpack(packed).error.find("after its end"), std::string::npos);
}

TEST(GzipReader, NoticesAFileThatIsCutOffAnywhere) {
    const auto packed = gzip(text_and_noise().substr(0, 2000));
    for (std::size_t length = 1; length < packed.size(); ++length)
        EXPECT_NE(unpack(std::string_view(packed).substr(0, length)).error.find("cut off"), std::string::npos)
            << length << " of " << packed.size();
}

TEST(GzipReader, NoticesASecondMemberThatIsCutOff) {
    const auto packed = gzip("first");
    const auto second = gzip("second");
    for (std::size_t length = 1; length < second.size(); ++length)
        EXPECT_NE(unpack(packed + second.substr(0, length)).error, "") << length;
}

TEST(GzipReader, NeverTakesDamagedContentForGood) {
    const auto original = text_and_noise().substr(0, 300) + noise(100);
    const auto packed = gzip(original);
    constexpr std::size_t header = 10;  // its time and flags are not protected, and do not matter
    int harmless = 0;
    for (std::size_t bit = 8 * header; bit < 8 * packed.size(); ++bit) {
        auto damaged = packed;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto result = unpack(damaged);
        if (!result.error.empty()) continue;
        EXPECT_EQ(result.bytes, original) << "bit " << bit;
        ++harmless;
    }
    EXPECT_LT(harmless, 8) << "only the filling bits of the last byte of deflate carry nothing";
}

TEST(GzipReader, SaysThatAnEmptyFileIsEmpty) {
    EXPECT_NE(unpack("").error.find("is empty"), std::string::npos);
}

TEST(GzipReader, SaysThatSomethingElseIsNotGzip) {
    EXPECT_EQ(unpack("<html><body>404 Not Found</body></html>").error,
              "is not a gzip file; a medkit is a .tar.gz file as it was downloaded");
}

}  // namespace

}  // namespace mox::medkit
