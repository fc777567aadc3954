#include "medkit/signify_format.hpp"

#include <sodium/utils.h>

namespace mox::medkit {

namespace {

constexpr std::string_view comment_prefix = "untrusted comment:";
constexpr int base64 = sodium_base64_VARIANT_ORIGINAL;

/// Takes the first line off `text`, without its line break (LF or CRLF).
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string article(std::string_view what) {
    return "is not a " + std::string(what) + " file";
}

}  // namespace

Expected<std::vector<std::uint8_t>> read_signify_text(std::string_view text, std::string_view what,
                                                      std::size_t size) {
    if (text.empty()) return fail(ErrorKind::medkit, "is empty");
    if (!take_line(text).starts_with(comment_prefix))
        return fail(ErrorKind::medkit,
                    article(what) + ": it does not start with \"" + std::string(comment_prefix) + "\"");
    const auto encoded = take_line(text);
    std::vector<std::uint8_t> bytes(size + 1);
    std::size_t length = 0;
    const int decoded = sodium_base642bin(bytes.data(), bytes.size(), encoded.data(), encoded.size(), nullptr,
                                          &length, nullptr, base64);
    if (decoded != 0 || length != size)
        return fail(ErrorKind::medkit, article(what) + ": its second line is not base64 of " +
                                           std::to_string(size) + " bytes. Is it complete?");
    bytes.resize(size);
    if (bytes[0] != 'E' || bytes[1] != 'd')
        return fail(ErrorKind::medkit, article(what) + " of a known kind (Ed25519)");
    return bytes;
}

std::string to_signify_text(std::span<const std::uint8_t> bytes, std::string_view comment) {
    std::string encoded(sodium_base64_encoded_len(bytes.size(), base64), '\0');
    sodium_bin2base64(encoded.data(), encoded.size(), bytes.data(), bytes.size(), base64);
    encoded.back() = '\n';  // libsodium ends it with NUL
    return std::string(comment_prefix) + " " + std::string(comment) + "\n" + encoded;
}

}  // namespace mox::medkit
