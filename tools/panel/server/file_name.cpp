#include "panel/server/file_name.hpp"

#include <cstddef>

#include "snapshots/description.hpp"

namespace mox::virtual_mox::panel {

namespace {

constexpr std::size_t longest_name = 200;

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

std::optional<std::string> decoded(std::string_view encoded) {
    std::string text;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        if (encoded[at] != '%') {
            text += encoded[at];
            continue;
        }
        if (encoded.size() - at < 3) return std::nullopt;
        const auto high = hex_digit(encoded[at + 1]);
        const auto low = hex_digit(encoded[at + 2]);
        if (!high || !low) return std::nullopt;
        text += static_cast<char>(*high << 4U | *low);
        at += 2;
    }
    return text;
}

/// UTF-8 without characters that make a terminal or a page show another text.
bool is_plain_text(const std::string& text) {
    return snapshots::escaped_for_display(text) == text;
}

}  // namespace

std::optional<std::string> file_name_in(std::string_view encoded) {
    auto name = decoded(encoded);
    if (!name || name->empty() || name->size() > longest_name || name->starts_with('.')) return std::nullopt;
    if (name->find('/') != std::string::npos || !is_plain_text(*name)) return std::nullopt;
    return name;
}

}  // namespace mox::virtual_mox::panel
