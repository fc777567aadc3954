#include "medkit/digest.hpp"

#include <gtest/gtest.h>

namespace mox::medkit {

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

// Test vectors: FIPS 180-4 examples (SHA-256), RFC 1321 A.5 (MD5).
constexpr std::string_view two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

TEST(Digest, Sha256OfTheStandardsExamples) {
    Sha256 hash;
    EXPECT_EQ(to_hex(hash.finish()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash.update(bytes_of(two_blocks));
    EXPECT_EQ(to_hex(hash.finish()), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, Md5OfTheStandardsExamples) {
    Md5 hash;
    EXPECT_EQ(to_hex(hash.finish()), "d41d8cd98f00b204e9800998ecf8427e");
    hash.update(bytes_of("message digest"));
    EXPECT_EQ(to_hex(hash.finish()), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digest, DoesNotDependOnThePiecesThatTheBytesComeIn) {
    Sha256 whole, pieces;
    whole.update(bytes_of(two_blocks));
    for (std::size_t i = 0; i < two_blocks.size(); i += 5) pieces.update(bytes_of(two_blocks.substr(i, 5)));
    EXPECT_EQ(whole.finish(), pieces.finish());
}

TEST(Digest, ReadsHexadecimalInEitherCase) {
    const auto lower = from_hex<Md5Digest>("d41d8cd98f00b204e9800998ecf8427e");
    ASSERT_TRUE(lower.has_value());
    EXPECT_EQ(from_hex<Md5Digest>("D41D8CD98F00B204E9800998ECF8427E"), lower);
    EXPECT_EQ(to_hex(*lower), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Digest, RefusesWhatIsNotExactlyADigest) {
    EXPECT_FALSE(from_hex<Md5Digest>("d41d8cd98f00b204e9800998ecf8427").has_value());
    EXPECT_FALSE(from_hex<Md5Digest>("d41d8cd98f00b204e9800998ecf8427e0").has_value());
    EXPECT_FALSE(from_hex<Md5Digest>("g41d8cd98f00b204e9800998ecf8427e").has_value());
    EXPECT_FALSE(from_hex<Sha256Digest>("d41d8cd98f00b204e9800998ecf8427e").has_value());
}

}  // namespace

}  // namespace mox::medkit
