#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "medkit/keys.hpp"
#include "medkit/signature.hpp"

namespace mox::medkit {

/// An Ed25519 key pair that signs medkits. The destructor wipes it from memory.
class SecretKey {
public:
    /// A new key, from the kernel's random numbers. Errors (`internal`): the kernel provides none.
    [[nodiscard]] static Expected<SecretKey> generate();

    /// Reads "Ed", "BK", KDF rounds (u32, big endian, 0 = not encrypted), salt (16), checksum (8, start of
    /// the key's SHA-512), number (8), key (64). Errors (`medkit`): damaged, or protected by a passphrase.
    [[nodiscard]] static Expected<SecretKey> parse(std::string_view text);

    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;
    SecretKey(SecretKey&&) noexcept;
    SecretKey& operator=(SecretKey&&) noexcept;
    ~SecretKey();

    /// The file's text, not encrypted. Precondition: `comment` has no line break.
    [[nodiscard]] std::string text(std::string_view comment) const;

    [[nodiscard]] PublicKey public_key() const;

    /// Signs a message, plain Ed25519.
    [[nodiscard]] Signature sign(std::span<const std::byte> message) const;

private:
    SecretKey() = default;

    KeyNumber number_;
    std::array<std::uint8_t, 64> key_{};  ///< seed, public key: libsodium's order, and usign's
};

/// Reads the file of a secret key. Errors (`medkit`), with the path: as of `SecretKey::parse`, or it cannot
/// be read.
[[nodiscard]] Expected<SecretKey> read_secret_key(const std::filesystem::path& path);

/// Signs the content of a file. Errors (`medkit`): it cannot be read, or is larger than 4 GiB.
[[nodiscard]] Expected<Signature> sign_file(const SecretKey& key, const std::filesystem::path& path);

/// Signs the whole content of an open file, which may have no name yet. `name` is for messages. Errors: as
/// above.
[[nodiscard]] Expected<Signature> sign_open_file(const SecretKey& key, int file, const std::string& name);

}  // namespace mox::medkit
