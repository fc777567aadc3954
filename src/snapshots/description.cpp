#include "snapshots/description.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/unique_fd.hpp"
#include "snapshots/listing.hpp"

namespace mox::snapshots {

namespace {

bool may_be_stored(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return std::string_view(" .,?!()/;:<>-").find(c) != std::string_view::npos;
}

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

/// The first character of a text: its code and its number of bytes; 0 bytes: not UTF-8.
struct Character {
    char32_t code = 0;
    std::size_t bytes = 0;
};

Character first_character(std::string_view text) {
    const auto lead = byte_at(text, 0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
    char32_t code = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = byte_at(text, i);
        if ((next & 0xC0U) != 0x80U) return {};
        code = (code << 6U) | (next & 0x3FU);
    }
    // Only the shortest form, and no UTF-16 surrogates.
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, bytes};
}

/// Whether a character moves the cursor, changes colours or changes the writing direction: with U+200E..200F,
/// U+2028..202E or U+2066..2069 a line is displayed in another order than its characters.
bool controls_the_terminal(char32_t code) {
    constexpr std::array<std::pair<char32_t, char32_t>, 5> ranges{
        {{0x00, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}}};
    return std::ranges::any_of(
        ranges, [&](const auto& range) { return code >= range.first && code <= range.second; });
}

std::string escaped_byte(std::uint8_t byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (byte == '\n') return "\\n";
    if (byte == '\t') return "\\t";
    if (byte == '\r') return "\\r";
    return {'\\', 'x', digits[byte >> 4U], digits[byte & 0xFU]};
}

}  // namespace

std::string sanitised_description(std::string_view text) {
    std::string result(text.substr(0, longest_description));
    std::ranges::replace_if(result, [](char c) { return !may_be_stored(c); }, '_');
    return result;
}

std::string escaped_for_display(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto character = first_character(text);
        const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
        if (character.bytes > 0 && !controls_the_terminal(character.code))
            result += text.substr(0, bytes);
        else
            for (std::size_t i = 0; i < bytes; ++i) result += escaped_byte(byte_at(text, i));
        text.remove_prefix(bytes);
    }
    return result;
}

namespace {

namespace fs = std::filesystem;

/// The error of reading one file; false: it is readable.
std::error_code read_error_of_file(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return {errno, std::generic_category()};
    std::array<char, 64 << 10> piece{};
    for (;;) {
        const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
        if (got == 0) return {};
        if (got < 0 && errno != EINTR) return {errno, std::generic_category()};
    }
}

std::error_code read_error_of(const fs::directory_entry& entry, const fs::path& root) {
    std::error_code error;
    const auto status = entry.symlink_status(error);
    if (error) return error;
    if (fs::is_symlink(status)) {
        static_cast<void>(fs::read_symlink(entry.path(), error));
        return error;
    }
    const auto is_for_boot = [&] { return *entry.path().lexically_relative(root).begin() == "boot"; };
    return fs::is_regular_file(status) && is_for_boot() ? read_error_of_file(entry.path()) : error;
}

struct Unreadable {
    fs::path path;
    std::error_code error;  ///< false: all entries are readable
};

Unreadable first_unreadable(const fs::path& root) {
    std::error_code error;
    auto entry = fs::recursive_directory_iterator(root, error);
    fs::path last = root;
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        last = entry->path();
        if (const auto unreadable = read_error_of(*entry, root)) return {.path = last, .error = unreadable};
    }
    return {.path = last, .error = error};
}

}  // namespace

Expected<void> require_readable(const TopLevel& top, const Target& target) {
    const auto name = subvolume_of(target);
    const auto root = top.path() / name;
    const auto found = first_unreadable(root);
    if (!found.error) return {};
    auto others = list_snapshots(top);
    if (others)
        std::erase_if(*others,
                      [&](const Snapshot& one) { return Target(one.number) == target || !one.usable(); });
    const bool factory_too = has_factory(top) && target != Target(Factory{});
    const auto where = found.path == root ? name : name + "/" + found.path.lexically_relative(root).native();
    return fail(ErrorKind::snapshot, name + " is damaged: " + escaped_for_display(where) +
                                         " cannot be read: " + found.error.message() + "; there are " +
                                         (others ? what_exists(*others, factory_too)
                                                 : std::string("snapshots that cannot be listed")));
}

}  // namespace mox::snapshots
