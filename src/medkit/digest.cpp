#include "medkit/digest.hpp"

namespace mox::medkit {

namespace {

const std::uint8_t* raw(std::span<const std::byte> bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::optional<unsigned> value_of(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10;
    if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A') + 10;
    return std::nullopt;
}

}  // namespace

Sha256::Sha256() {
    sha256_init(&context_);
}

void Sha256::update(std::span<const std::byte> bytes) {
    sha256_update(&context_, bytes.size(), raw(bytes));
}

Sha256Digest Sha256::finish() {
    Sha256Digest digest{};
    sha256_digest(&context_, digest.size(), digest.data());
    return digest;
}

Md5::Md5() {
    md5_init(&context_);
}

void Md5::update(std::span<const std::byte> bytes) {
    md5_update(&context_, bytes.size(), raw(bytes));
}

Md5Digest Md5::finish() {
    Md5Digest digest{};
    md5_digest(&context_, digest.size(), digest.data());
    return digest;
}

std::string to_hex(std::span<const std::uint8_t> digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * digest.size());
    for (const auto byte : digest) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

bool parse_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    if (text.size() != 2 * bytes.size()) return false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto high = value_of(text[2 * i]);
        const auto low = value_of(text[2 * i + 1]);
        if (!high || !low) return false;
        bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    }
    return true;
}

}  // namespace mox::medkit
