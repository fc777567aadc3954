#include "panel/server/file_name.hpp"

#include <cstddef>

#include "snapshots/description.hpp"

namespace mox::virtual_mox::panel {

namespace {

constexpr std::size_t longest_name = 200;  ///< in bytes, here

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

bool is_acceptable(const std::string& name) {
    if (name.empty() || name.size() > longest_name || name.starts_with('.')) return false;
    return name.find('/') == std::string::npos && is_plain_text(name);
}

constexpr auto kind = ErrorKind::internal;
constexpr std::string_view forbidden = "\"*/:<>?\\|";
constexpr std::size_t most_utf16_units = 255;
constexpr Bytes fat32_limit{4ULL << 30};

/// Of UTF-8 that is valid.
std::size_t utf16_units(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0U) != 0x80U) ++units;
        if (byte >= 0xf0U) ++units;  // four bytes: a surrogate pair
    }
    return units;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

/// Names of devices of DOS, also with an ending: "con", "nul.txt".
bool is_device_of_dos(std::string_view name) {
    auto stem = lower_case(name.substr(0, name.find('.')));
    while (stem.ends_with(' ')) stem.pop_back();
    for (const std::string_view device : {"con", "prn", "aux", "nul"})
        if (stem == device) return true;
    const bool is_port = stem.starts_with("com") || stem.starts_with("lpt");
    return is_port && stem.size() == 4 && stem[3] >= '1' && stem[3] <= '9';
}

std::string in_quotes(std::string_view name) {
    return "\"" + std::string(name) + "\"";
}

/// Why FAT32 cannot hold a file of this name; empty: it can.
std::string objection_to(std::string_view name) {
    if (const auto at = name.find_first_of(forbidden); at != std::string_view::npos)
        return std::string("a name cannot contain ") + name[at];
    if (name.ends_with('.') || name.ends_with(' '))
        return std::string("a name cannot end with a ") + (name.ends_with('.') ? "dot" : "blank");
    if (utf16_units(name) > most_utf16_units) return "a name can have 255 characters";
    if (is_device_of_dos(name)) return "the name is reserved for a device";
    return "";
}

}  // namespace

std::optional<std::string> file_name_in(std::string_view encoded) {
    auto name = decoded(encoded);
    if (!name || !is_acceptable(*name)) return std::nullopt;
    return name;
}

Expected<void> check_stick_file(std::string_view name, Bytes size, std::span<const std::string> others) {
    if (const auto objection = objection_to(name); !objection.empty())
        return fail(kind, "a stick with FAT32 cannot hold " + in_quotes(name) + ": " + objection,
                    {"rename the file"});
    if (!is_acceptable(std::string(name)))
        return fail(
            kind,
            in_quotes(name) +
                " cannot be the name of a file for the stick: 1 to 200 bytes of text, no dot in front",
            {"rename the file"});
    for (const auto& other : others)
        if (other != name && lower_case(other) == lower_case(name))
            return fail(kind,
                        "a stick with FAT32 cannot hold " + in_quotes(name) + " beside " + in_quotes(other) +
                            ": the names differ only in upper and lower case",
                        {"rename or remove one of them"});
    if (size >= fat32_limit)
        return fail(kind, "a stick with FAT32 cannot hold " + in_quotes(name) +
                              ": a file must be smaller than 4 GiB");
    if (size > largest_upload)
        return fail(kind, in_quotes(name) + " is too large: a file may have 512 MiB here");
    return {};
}

}  // namespace mox::virtual_mox::panel
