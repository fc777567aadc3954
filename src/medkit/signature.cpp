#include "medkit/signature.hpp"

#include <sodium/crypto_core_ed25519.h>
#include <sodium/crypto_scalarmult_ed25519.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "medkit/keys.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

using Point = std::array<std::uint8_t, 32>;
using Scalar = std::array<std::uint8_t, 32>;

constexpr std::size_t number_at = 2;  // after "Ed"
constexpr std::size_t signature_at = 10;
constexpr std::size_t signature_size = 74;

/// L, the order of the base point, little endian (RFC 8032, 5.1): 2^252 +
/// 27742317777372353535851937790883648493.
constexpr Scalar group_order{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                             0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                             0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

constexpr Point identity{1};

/// Without this check a second valid signature (S + L) could be made from every valid one.
bool is_canonical(const Scalar& scalar) {
    return std::ranges::lexicographical_compare(scalar.rbegin(), scalar.rend(), group_order.rbegin(),
                                                group_order.rend());
}

/// S*B - h*A, which equals R for a valid signature. nullopt if libsodium refuses to multiply: the key is not
/// a point of the main subgroup, or a product is the identity.
std::optional<Point> expected_commitment(const Scalar& s, const Scalar& h, const Point& key) {
    Point s_times_base{};
    Point h_times_key{};
    Point difference{};
    if (crypto_scalarmult_ed25519_base_noclamp(s_times_base.data(), s.data()) != 0) return std::nullopt;
    if (crypto_scalarmult_ed25519_noclamp(h_times_key.data(), h.data(), key.data()) != 0) return std::nullopt;
    if (crypto_core_ed25519_sub(difference.data(), s_times_base.data(), h_times_key.data()) != 0)
        return std::nullopt;
    return difference;
}

}  // namespace

Expected<Signature> parse_signature(std::string_view text) {
    auto bytes = TRY(read_signify_text(text, "signature", signature_size));
    Signature signature;
    std::ranges::copy(std::span(bytes).subspan(number_at, signature.signer.bytes.size()),
                      signature.signer.bytes.begin());
    std::ranges::copy(std::span(bytes).subspan(signature_at), signature.bytes.begin());
    return signature;
}

std::string to_text(const Signature& signature, std::string_view comment) {
    std::vector<std::uint8_t> bytes{'E', 'd'};
    bytes.insert(bytes.end(), signature.signer.bytes.begin(), signature.signer.bytes.end());
    bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
    return to_signify_text(bytes, comment);
}

SignatureCheck::SignatureCheck(const PublicKey& key, const Signature& signature)
    : key_(key), signature_(signature) {
    crypto_hash_sha512_init(&hash_);
    crypto_hash_sha512_update(&hash_, signature_.bytes.data(), sizeof(Point));  // R
    crypto_hash_sha512_update(&hash_, key_.key.data(), key_.key.size());        // A
}

void SignatureCheck::update(std::span<const std::byte> piece) {
    crypto_hash_sha512_update(&hash_, reinterpret_cast<const unsigned char*>(piece.data()), piece.size());
}

bool SignatureCheck::finish() {
    std::array<std::uint8_t, crypto_hash_sha512_BYTES> digest{};
    crypto_hash_sha512_final(&hash_, digest.data());
    Scalar h{};
    crypto_core_ed25519_scalar_reduce(h.data(), digest.data());

    Point r{};
    Scalar s{};
    std::ranges::copy(std::span(signature_.bytes).first<32>(), r.begin());
    std::ranges::copy(std::span(signature_.bytes).last<32>(), s.begin());
    if (signature_.signer != key_.number || !is_canonical(s)) return false;
    const auto expected = expected_commitment(s, h, key_.key);
    // The difference is in the main subgroup, in which only the identity has small order.
    return expected && *expected != identity && *expected == r;
}

namespace {

/// A signature has about 150 bytes.
constexpr Bytes largest_signature{16 << 10};

Expected<std::string> read_whole(int directory, const std::string& name, Bytes largest) {
    auto source = TRY(open_source_file(directory, name));
    return read_to_end(source.file.get(), printable_name(name), ErrorKind::medkit, largest);
}

bool is_signed(const std::string& content, const PublicKey& key, const Signature& signature) {
    SignatureCheck check(key, signature);
    check.update(std::as_bytes(std::span(content)));
    return check.finish();
}

}  // namespace

Expected<SignedFile> read_signed_file(int directory, const std::string& name, const TrustedKeys& trusted,
                                      Bytes largest) {
    const auto files = TRY(find_beside(directory, name));
    const auto signature_name = files.signature.value_or(name + ".sig");
    auto text = TRY(read_whole(directory, signature_name, largest_signature),
                    printable_name(name) + " cannot be used without a valid signature beside it");
    auto signature = TRY(parse_signature(text), printable_name(signature_name));
    auto key = TRY(find_trusted_key(trusted, signature.signer), printable_name(signature_name));

    auto content = TRY(read_whole(directory, name, largest));
    if (!is_signed(content, key, signature))
        return fail(ErrorKind::medkit,
                    printable_name(name) + ": signature " + printable_name(signature_name) +
                        " does not match (key " + to_text(key.number) + ")",
                    {"download the file and its .sig again"});
    return SignedFile{name, std::move(content), to_text(key.number)};
}

}  // namespace mox::medkit
