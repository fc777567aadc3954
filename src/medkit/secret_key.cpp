#include "medkit/secret_key.hpp"

#include <fcntl.h>
#include <sodium/core.h>
#include <sodium/crypto_hash_sha512.h>
#include <sodium/crypto_sign_ed25519.h>
#include <sodium/randombytes.h>
#include <sodium/utils.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/units.hpp"
#include "medkit/keys.hpp"

namespace mox::medkit {

namespace {

// Offsets in the 104 bytes of a secret key.
constexpr std::size_t kind_at = 2;
constexpr std::size_t rounds_at = 4;
constexpr std::size_t salt_at = 8;
constexpr std::size_t checksum_at = 24;
constexpr std::size_t number_at = 32;
constexpr std::size_t key_at = 40;
constexpr std::size_t secret_key_size = 104;
constexpr std::size_t salt_size = 16;
constexpr std::size_t checksum_size = 8;

/// Bytes of a secret key that are read from or written to a file; the destructor wipes them.
class WipedBytes {
public:
    explicit WipedBytes(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
    WipedBytes(const WipedBytes&) = delete;
    WipedBytes& operator=(const WipedBytes&) = delete;
    ~WipedBytes() { sodium_memzero(bytes_.data(), bytes_.size()); }

    [[nodiscard]] std::span<std::uint8_t> at(std::size_t from, std::size_t size) {
        return std::span(bytes_).subspan(from, size);
    }
    [[nodiscard]] std::span<const std::uint8_t> all() const { return bytes_; }

private:
    std::vector<std::uint8_t> bytes_;
};

std::array<std::uint8_t, checksum_size> checksum_of(std::span<const std::uint8_t> key) {
    std::array<std::uint8_t, crypto_hash_sha512_BYTES> digest{};
    crypto_hash_sha512(digest.data(), key.data(), key.size());
    std::array<std::uint8_t, checksum_size> checksum{};
    std::copy_n(digest.begin(), checksum_size, checksum.begin());
    return checksum;
}

/// Whether the public half belongs to the seed: otherwise no signature of the key would be valid.
bool halves_match(const std::array<std::uint8_t, 64>& key) {
    std::array<std::uint8_t, crypto_sign_ed25519_PUBLICKEYBYTES> derived{};
    std::array<std::uint8_t, crypto_sign_ed25519_SECRETKEYBYTES> whole{};
    crypto_sign_ed25519_seed_keypair(derived.data(), whole.data(), key.data());
    sodium_memzero(whole.data(), whole.size());
    return std::ranges::equal(derived, std::span(key).last<32>());
}

Expected<void> prepare_libsodium() {
    if (sodium_init() < 0) return fail(ErrorKind::internal, "the kernel gives no random numbers");
    return {};
}

/// Much larger than every medkit. The whole file is read into the memory of a PC.
constexpr Bytes largest_signed_file{4ULL << 30};

}  // namespace

Expected<SecretKey> SecretKey::generate() {
    TRY(prepare_libsodium());
    SecretKey secret;
    std::array<std::uint8_t, crypto_sign_ed25519_PUBLICKEYBYTES> public_half{};
    crypto_sign_ed25519_keypair(public_half.data(), secret.key_.data());
    randombytes_buf(secret.number_.bytes.data(), secret.number_.bytes.size());
    return secret;
}

Expected<SecretKey> SecretKey::parse(std::string_view text) {
    auto read = TRY(read_signify_text(text, "secret key", secret_key_size));
    WipedBytes bytes(std::move(read));
    constexpr std::array<std::uint8_t, 2> bcrypt_kdf{'B', 'K'};
    if (!std::ranges::equal(bytes.at(kind_at, 2), bcrypt_kdf))
        return fail(ErrorKind::medkit, "is not a secret key file of a known kind (KDF \"BK\")");
    if (std::ranges::any_of(bytes.at(rounds_at, 4), [](auto byte) { return byte != 0; }))
        return fail(ErrorKind::medkit, "is protected by a passphrase, which is not supported",
                    {"make a key without one: medkit keygen, or signify -G -n"});

    SecretKey secret;
    std::ranges::copy(bytes.at(number_at, secret.number_.bytes.size()), secret.number_.bytes.begin());
    std::ranges::copy(bytes.at(key_at, secret.key_.size()), secret.key_.begin());
    if (!std::ranges::equal(bytes.at(checksum_at, checksum_size), checksum_of(secret.key_)) ||
        !halves_match(secret.key_))
        return fail(ErrorKind::medkit, "is damaged: the key does not match its checksum");
    return secret;
}

SecretKey::SecretKey(SecretKey&& other) noexcept
    : number_(other.number_), key_(std::exchange(other.key_, {})) {}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
    number_ = other.number_;
    std::swap(key_, other.key_);
    return *this;
}

SecretKey::~SecretKey() {
    sodium_memzero(key_.data(), key_.size());
}

std::string SecretKey::text(std::string_view comment) const {
    WipedBytes bytes{std::vector<std::uint8_t>(secret_key_size)};
    std::ranges::copy(std::string_view("EdBK"), bytes.at(0, 4).begin());
    const auto salt = bytes.at(salt_at, salt_size);
    randombytes_buf(salt.data(), salt.size());
    std::ranges::copy(checksum_of(key_), bytes.at(checksum_at, checksum_size).begin());
    std::ranges::copy(number_.bytes, bytes.at(number_at, number_.bytes.size()).begin());
    std::ranges::copy(key_, bytes.at(key_at, key_.size()).begin());
    return to_signify_text(bytes.all(), comment);
}

PublicKey SecretKey::public_key() const {
    PublicKey key{.number = number_, .key = {}};
    std::ranges::copy(std::span(key_).last<32>(), key.key.begin());
    return key;
}

Signature SecretKey::sign(std::span<const std::byte> message) const {
    Signature signature{.signer = number_, .bytes = {}};
    // Cannot fail with a key of the right size; the length is always 64.
    crypto_sign_ed25519_detached(signature.bytes.data(), nullptr,
                                 reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                 key_.data());
    return signature;
}

Expected<SecretKey> read_secret_key(const std::filesystem::path& path) {
    auto text = TRY(read_small_file(path, ErrorKind::medkit));
    auto key = SecretKey::parse(text);
    if (!key) return pass_on(key, path.native());
    return key;
}

Expected<Signature> sign_file(const SecretKey& key, const std::filesystem::path& path) {
    auto file = TRY(open_file(path, O_RDONLY, ErrorKind::medkit));
    return sign_open_file(key, file.get(), path.native());
}

Expected<Signature> sign_open_file(const SecretKey& key, int file, const std::string& name) {
    if (::lseek(file, 0, SEEK_SET) != 0) return fail_errno(ErrorKind::medkit, name);
    auto content = TRY(read_to_end(file, name, ErrorKind::medkit, largest_signed_file));
    return key.sign(std::as_bytes(std::span(content)));
}

}  // namespace mox::medkit
