#include "medkit/signature.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medkit/digest.hpp"

namespace mox::medkit {
namespace {

using Random = std::mt19937_64;

template <std::size_t Size>
std::array<std::uint8_t, Size> bytes_of(std::string_view hex) {
    std::array<std::uint8_t, Size> bytes{};
    EXPECT_TRUE(parse_hex(hex, bytes)) << hex;
    return bytes;
}

std::string random_text(Random& random, std::size_t size) {
    std::string text(size, '\0');
    std::ranges::generate(text, [&] { return static_cast<char>(random()); });
    return text;
}

/// Shows the message in pieces of random sizes.
bool streamed(const PublicKey& key, const Signature& signature, std::string_view message, Random& random) {
    SignatureCheck check(key, signature);
    auto rest = std::as_bytes(std::span(message));
    while (!rest.empty()) {
        const auto piece = rest.first(std::min<std::size_t>(rest.size(), 1 + random() % 200));
        check.update(piece);
        rest = rest.subspan(piece.size());
    }
    return check.finish();
}

bool by_libsodium(const PublicKey& key, const Signature& signature, std::string_view message) {
    return crypto_sign_verify_detached(signature.bytes.data(),
                                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                       key.key.data()) == 0;
}

struct Signed {
    PublicKey key;
    Signature signature;
    std::string message;
};

Signed signed_message(Random& random, std::size_t size) {
    Signed result;
    result.message = random_text(random, size);
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
    std::ranges::generate(seed, [&] { return static_cast<unsigned char>(random()); });
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
    crypto_sign_seed_keypair(result.key.key.data(), secret.data(), seed.data());
    crypto_sign_detached(result.signature.bytes.data(), nullptr,
                         reinterpret_cast<const unsigned char*>(result.message.data()), result.message.size(),
                         secret.data());
    return result;
}

TEST(SignatureCheck, AcceptsTheVectorsOfRfc8032) {
    struct Vector {
        std::string_view key, message, signature;
    };
    // RFC 8032, 7.1: TEST 1, 2, 3, SHA(abc).
    constexpr Vector vectors[] = {
        {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25"
         "bf5"
         "f0595bbe24655141438e7a100b"},
        {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387"
         "b2e"
         "aeb4302aeeb00d291612bb0c00"},
        {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7"
         "c15"
         "e9716ed28dc027beceea1ec40a"},
        {"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454"
         "d44"
         "23643ce80e2a9ac94fa54ca49f",
         "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dc"
         "a17"
         "9c138ac17ad9bef1177331a704"},
    };
    Random random(1);
    for (const auto& vector : vectors) {
        PublicKey key;
        key.key = bytes_of<32>(vector.key);
        Signature signature;
        signature.bytes = bytes_of<64>(vector.signature);
        std::string message(vector.message.size() / 2, '\0');
        ASSERT_TRUE(
            parse_hex(vector.message, {reinterpret_cast<std::uint8_t*>(message.data()), message.size()}));
        EXPECT_TRUE(streamed(key, signature, message, random)) << vector.message;
        signature.bytes[5] ^= 1;
        EXPECT_FALSE(streamed(key, signature, message, random)) << vector.message;
    }
}

TEST(SignatureCheck, AgreesWithLibsodiumOnRandomMessages) {
    Random random(2);
    for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 127U, 128U, 1000U, 5000U})
        for (int i = 0; i < 5; ++i) {
            const auto one = signed_message(random, size);
            ASSERT_TRUE(by_libsodium(one.key, one.signature, one.message));
            EXPECT_TRUE(streamed(one.key, one.signature, one.message, random)) << size;
        }
}

TEST(SignatureCheck, AgreesWithLibsodiumOnEveryFlippedBitOfSignatureAndKey) {
    Random random(3);
    const auto good = signed_message(random, 100);
    for (std::size_t bit = 0; bit < std::size_t{64} * 8; ++bit) {
        auto bad = good;
        bad.signature.bytes.at(bit / 8) ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(streamed(bad.key, bad.signature, bad.message, random)) << bit;
        EXPECT_FALSE(by_libsodium(bad.key, bad.signature, bad.message)) << bit;
    }
    for (std::size_t bit = 0; bit < std::size_t{32} * 8; ++bit) {
        auto bad = good;
        bad.key.key.at(bit / 8) ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(streamed(bad.key, bad.signature, bad.message, random)) << bit;
    }
}

TEST(SignatureCheck, NoticesEveryFlippedBitOfTheMessage) {
    Random random(4);
    const auto good = signed_message(random, 40);
    for (std::size_t bit = 0; bit < good.message.size() * 8; ++bit) {
        auto bad = good;
        bad.message.at(bit / 8) = static_cast<char>(bad.message.at(bit / 8) ^ (1 << bit % 8));
        EXPECT_FALSE(streamed(bad.key, bad.signature, bad.message, random)) << bit;
    }
}

TEST(SignatureCheck, NoticesAMissingEndAndAnAddedOne) {
    Random random(5);
    const auto good = signed_message(random, 300);
    EXPECT_FALSE(streamed(good.key, good.signature, good.message.substr(0, 299), random));
    EXPECT_FALSE(streamed(good.key, good.signature, good.message + '\0', random));
}

/// S + L is the same number to the curve: without a check everybody could make a second valid signature.
TEST(SignatureCheck, RefusesTheSameSignatureWithSBeyondTheGroupOrder) {
    constexpr std::array<std::uint8_t, 32> order{
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    Random random(6);
    auto one = signed_message(random, 50);
    sodium_add(one.signature.bytes.data() + 32, order.data(), order.size());
    EXPECT_FALSE(by_libsodium(one.key, one.signature, one.message));
    EXPECT_FALSE(streamed(one.key, one.signature, one.message, random));
}

/// Points of small order verify many messages at once. Encodings: RFC 7748's twist-free list, as libsodium's.
TEST(SignatureCheck, RefusesKeysAndCommitmentsOfSmallOrder) {
    constexpr std::string_view small_order[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    Random random(7);
    for (const auto encoding : small_order) {
        const auto point = bytes_of<32>(encoding);
        auto weak_key = signed_message(random, 20);
        weak_key.key.key = point;
        EXPECT_FALSE(streamed(weak_key.key, weak_key.signature, weak_key.message, random)) << encoding;
        // S = 0 with R = identity would fit every message under the identity as a key.
        auto trivial = weak_key;
        trivial.signature.bytes = {};
        std::ranges::copy(point, trivial.signature.bytes.begin());
        EXPECT_FALSE(by_libsodium(trivial.key, trivial.signature, trivial.message)) << encoding;
        EXPECT_FALSE(streamed(trivial.key, trivial.signature, trivial.message, random)) << encoding;
    }
}

TEST(SignatureCheck, RefusesTheSignatureOfAnotherKeyNumber) {
    Random random(8);
    auto one = signed_message(random, 20);
    one.signature.signer.bytes[0] = 1;
    EXPECT_FALSE(streamed(one.key, one.signature, one.message, random));
}

std::string signature_text() {
    Signature signature;
    signature.signer.bytes = {0xdc, 0xb2, 0x0e, 0x53, 0x5c, 0x62, 0xdd, 0x5b};
    signature.bytes[0] = 7;
    signature.bytes[63] = 9;
    return to_text(signature, "signed");
}

TEST(SignatureText, IsReadAsItIsWritten) {
    const auto text = signature_text();
    EXPECT_TRUE(text.starts_with("untrusted comment: signed\nRWTcsg5TXGLdWw"));
    const auto signature = parse_signature(text);
    ASSERT_TRUE(signature) << signature.error().describe();
    EXPECT_EQ(to_text(signature->signer), "dcb20e535c62dd5b");
    EXPECT_EQ(signature->bytes[0], 7);
    EXPECT_EQ(signature->bytes[63], 9);
}

TEST(SignatureText, MayHaveCrlfAndNoLineBreakAtTheEnd) {
    auto text = signature_text();
    text.pop_back();
    EXPECT_TRUE(parse_signature(text));
    text.insert(text.find('\n'), "\r");
    EXPECT_TRUE(parse_signature(text + "\r\n"));
}

void expect_malformed(std::string_view text, std::string_view reason) {
    const auto signature = parse_signature(text);
    ASSERT_FALSE(signature) << text;
    EXPECT_EQ(signature.error().kind(), ErrorKind::medkit);
    EXPECT_TRUE(signature.error().describe().contains(reason)) << signature.error().describe();
}

TEST(SignatureText, ThatIsNoneIsRefusedWithAReason) {
    const auto good = signature_text();
    expect_malformed("", "is empty");
    expect_malformed("<!DOCTYPE html>\n<html>404</html>\n", "does not start with \"untrusted comment:\"");
    expect_malformed("untrusted comment: x\n", "not base64 of 74 bytes");
    expect_malformed("untrusted comment: x", "not base64 of 74 bytes");
    expect_malformed(std::string_view(good).substr(0, good.size() - 20), "not base64 of 74 bytes");
    expect_malformed("untrusted comment: x\nRWTcsg5TXGLdW9gNlGHN/ofdsM0KAfQIRBo5OVZIYlVTfyI6FGVEOK/e\n",
                     "not base64 of 74 bytes");
    auto odd = good;
    odd[odd.find("RWTc") + 6] = '!';
    expect_malformed(odd, "not base64 of 74 bytes");
    auto other_kind = good;
    other_kind[other_kind.find("RWTc")] = 'A';
    expect_malformed(other_kind, "of a known kind (Ed25519)");
}

}  // namespace
}  // namespace mox::medkit
