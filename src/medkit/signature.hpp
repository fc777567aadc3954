#pragma once

#include <sodium/crypto_hash_sha512.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/keys.hpp"

namespace mox::medkit {

/// A signature file's content: which key, and the Ed25519 signature R || S.
struct Signature {
    KeyNumber signer;
    std::array<std::uint8_t, 64> bytes{};

    auto operator<=>(const Signature&) const = default;
};

/// Reads a comment line and base64 of "Ed", key number (8 bytes), signature (64 bytes).
/// Errors (`medkit`): what is wrong, without the file's name.
[[nodiscard]] Expected<Signature> parse_signature(std::string_view text);

/// Precondition: `comment` has no line break.
[[nodiscard]] std::string to_text(const Signature& signature, std::string_view comment);

/// Checks a signature over a message that is shown piece by piece, because a medkit must not lie in memory
/// as a whole. Plain Ed25519 (RFC 8032, 5.1.7, no prehash) from libsodium's primitives.
///
/// As strict as libsodium's crypto_sign_verify_detached: no S >= L, no R or key of small order, no key that
/// is not canonical. Stricter in one point: a key with a torsion component is refused (no key generator
/// makes one).
class SignatureCheck {
public:
    SignatureCheck(const PublicKey& key, const Signature& signature);

    /// The next piece of the message.
    void update(std::span<const std::byte> piece);

    /// Whether the whole message was signed by the key. Call once, at the end.
    [[nodiscard]] bool finish();

private:
    PublicKey key_;
    Signature signature_;
    crypto_hash_sha512_state hash_{};
};

/// A file that fits into memory, and whose signature was checked.
struct SignedFile {
    std::string name;
    std::string content;
    std::string signer;  ///< number of the trusted key
};

/// Reads the file `name` of an open directory, which must be signed by a trusted key. Its signature is in the
/// file that find_beside finds for it: NAME.sig, or what a browser has made of that.
/// Errors (`medkit`): not there, larger than `largest`, no signature, or not a good one of a trusted key.
/// `internal`: no usable trusted keys.
[[nodiscard]] Expected<SignedFile> read_signed_file(int directory, const std::string& name,
                                                    const TrustedKeys& trusted, Bytes largest);

}  // namespace mox::medkit
