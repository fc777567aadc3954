#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

// Keys in the format of usign and signify: line 1 is a comment that is not authenticated, line 2 is base64.

/// Identifies a key: 8 random bytes, chosen when the key was made.
struct KeyNumber {
    std::array<std::uint8_t, 8> bytes{};

    auto operator<=>(const KeyNumber&) const = default;
};

/// 16 lower-case hex digits in stored order: the name of the key's file in a key directory.
[[nodiscard]] std::string to_text(const KeyNumber& number);

/// An Ed25519 public key with its number.
struct PublicKey {
    KeyNumber number;
    std::array<std::uint8_t, 32> key{};

    auto operator<=>(const PublicKey&) const = default;
};

/// Reads "Ed", number (8 bytes), key (32 bytes). Errors (`medkit`): what is wrong, without the name of the
/// file.
[[nodiscard]] Expected<PublicKey> parse_public_key(std::string_view text);

/// Precondition: `comment` has no line break.
[[nodiscard]] std::string to_text(const PublicKey& key, std::string_view comment);

/// Keys given as words of a text, each in the form of the second line of a key file.
struct KeyWords {
    std::vector<PublicKey> keys;
    std::vector<std::string> not_keys;  ///< words that are not keys
};

/// Reads words between blanks and line breaks. Pure; any text is accepted.
[[nodiscard]] KeyWords parse_key_words(std::string_view text);

/// The trusted keys: those of a key directory, and additional ones.
struct TrustedKeys {
    std::filesystem::path directory;
    std::vector<PublicKey> more{};
};

/// Numbers of the trusted keys, sorted. A key directory holds files that are named by number, and files named
/// *.pub; others are ignored, also a *.pub that holds no key.
/// Errors (`internal`): the directory cannot be read, or there is no key: then no signature can be checked.
[[nodiscard]] Expected<std::vector<KeyNumber>> trusted_key_numbers(const TrustedKeys& trusted);

/// The trusted key with that number. Errors: `medkit` if it is not trusted (names the key and the trusted
/// ones); `internal` if the directory cannot be used or the file of the key is damaged.
[[nodiscard]] Expected<PublicKey> find_trusted_key(const TrustedKeys& trusted, const KeyNumber& number);

// The text around keys and signatures of usign and signify:
//   untrusted comment: <anything>
//   <base64>
// The comment is not authenticated.

/// Decodes the second line of a file. `what` is the expected content: "signature", "public key". Accepts CRLF
/// and a missing line break at the end. Errors (`medkit`): not a text of this form, not base64, not `size`
/// bytes, not Ed25519 (the first two bytes are not "Ed").
[[nodiscard]] Expected<std::vector<std::uint8_t>> read_signify_text(std::string_view text,
                                                                    std::string_view what, std::size_t size);

/// Precondition: `comment` has no line break.
[[nodiscard]] std::string to_signify_text(std::span<const std::uint8_t> bytes, std::string_view comment);

}  // namespace mox::medkit
