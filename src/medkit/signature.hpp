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

/// Content of a signature file: the number of the key, and the Ed25519 signature R || S.
struct Signature {
    KeyNumber signer;
    std::array<std::uint8_t, 64> bytes{};

    auto operator<=>(const Signature&) const = default;
};

/// Reads a comment line and base64 of "Ed", key number (8 bytes), signature (64 bytes).
/// Errors (`medkit`): what is wrong, without the name of the file.
[[nodiscard]] Expected<Signature> parse_signature(std::string_view text);

/// Precondition: `comment` has no line break.
[[nodiscard]] std::string to_text(const Signature& signature, std::string_view comment);

/// Checks a signature over a message that comes in pieces, because a whole medkit may not fit into memory.
/// Plain Ed25519 (RFC 8032, 5.1.7, no prehash), made of libsodium's primitives.
///
/// As strict as libsodium's crypto_sign_verify_detached: refuses S >= L, R or a key of small order, and a key
/// that is not canonical. Stricter in one point: refuses a key with a torsion component (no key generator
/// makes one).
class SignatureCheck {
public:
    SignatureCheck(const PublicKey& key, const Signature& signature);

    /// The next piece of the message.
    void update(std::span<const std::byte> piece);

    /// Whether the key signed the whole message. Call once, at the end.
    [[nodiscard]] bool finish();

private:
    PublicKey key_;
    Signature signature_;
    crypto_hash_sha512_state hash_{};
};

/// A file in memory whose signature was verified.
struct SignedFile {
    std::string name;
    std::string content;
    std::string signer;  ///< number of the trusted key
};

/// Reads the file `name` of an open directory, which must be signed by a trusted key. find_beside finds the
/// signature file: NAME.sig, or that name as a browser has changed it.
/// Errors: `medkit`: the file does not exist, is larger than `largest`, or has no valid signature of a
/// trusted key; `internal`: no usable trusted keys.
[[nodiscard]] Expected<SignedFile> read_signed_file(int directory, const std::string& name,
                                                    const TrustedKeys& trusted, Bytes largest);

}  // namespace mox::medkit
