#include "snapshots/uuid_text.hpp"

#include <cstddef>
#include <cstdint>

namespace mox::snapshots {

namespace {
constexpr std::string_view digits = "0123456789abcdef";
}

std::string to_text(const storage::Uuid& uuid) {
    std::string text;
    for (const std::uint8_t byte : uuid) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

std::optional<storage::Uuid> uuid_named(std::string_view text) {
    storage::Uuid uuid{};
    if (text.size() != 2 * uuid.size()) return std::nullopt;
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        const auto high = digits.find(text[2 * i]);
        const auto low = digits.find(text[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        uuid[i] = static_cast<std::uint8_t>(high << 4U | low);
    }
    return uuid;
}

}  // namespace mox::snapshots
