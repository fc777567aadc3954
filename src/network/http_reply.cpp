#include "network/http_reply.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

#include "base/text.hpp"

namespace mox::network {

namespace {

constexpr int ok = 200;
constexpr int partial_content = 206;

/// Validators are sent back in a request unchanged; those of real servers are not longer.
constexpr std::size_t longest_validator = 256;

/// Removes a decimal number from the front of `text`, and returns it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

constexpr std::string_view blanks = " \t\r\n";

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

/// "HTTP/1.1 206 Partial Content"
std::optional<int> status_in(std::string_view line) {
    if (!take(line, "HTTP/")) return std::nullopt;
    line.remove_prefix(std::min(line.find(' '), line.size()));
    line = trimmed(line, blanks);
    const auto status = take_number(line);
    if (!status || *status < 100 || *status > 999) return 0;
    return static_cast<int>(*status);
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; });
}

bool may_be_sent_back(std::string_view validator) {
    return !validator.empty() && validator.size() <= longest_validator && is_printable(validator);
}

/// RFC 9110, 8.8.3: quoted, and without the W/ of a weak one.
bool is_strong_entity_tag(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"';
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
    text = trimmed(text, blanks);
    if (!take(text, "bytes ")) return std::nullopt;
    const auto first = take_number(text);
    if (!first || !take(text, "-")) return std::nullopt;
    const auto last = take_number(text);
    if (!last || !take(text, "/")) return std::nullopt;
    ContentRange range{*first, *last, std::nullopt};
    if (text != "*") {
        range.whole = take_number(text);
        if (!range.whole || !text.empty() || range.last >= *range.whole) return std::nullopt;
    }
    if (range.first > range.last) return std::nullopt;
    return range;
}

void HttpReplyReader::line(std::string_view text) {
    if (const auto status = status_in(text)) {
        reply_ = {.status = *status};
        have_entity_tag_ = false;
        return;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return;
    const auto name = text.substr(0, colon);
    auto value = trimmed(text.substr(colon + 1), blanks);
    if (same_name(name, "Content-Length")) {
        const auto length = take_number(value);
        reply_.length = value.empty() ? length : std::nullopt;
    } else if (same_name(name, "Content-Range")) {
        reply_.range = parse_content_range(value);
    } else if (same_name(name, "ETag") && is_strong_entity_tag(value) && may_be_sent_back(value)) {
        reply_.validator = value;
        have_entity_tag_ = true;
    } else if (same_name(name, "Last-Modified") && !have_entity_tag_ && may_be_sent_back(value)) {
        reply_.validator = value;
    }
}

Expected<PartialDownload> before_body_of(const HttpReply& reply, PartialDownload partial,
                                         bool asked_for_rest) {
    if (reply.status == ok) return PartialDownload{0, reply.length, reply.validator};
    if (reply.status != partial_content)
        return fail(ErrorKind::network, "the server answers with status " + std::to_string(reply.status));
    const bool right_part = asked_for_rest && reply.range && reply.range->first == partial.have &&
                            (!partial.whole || !reply.range->whole || partial.whole == reply.range->whole);
    if (!right_part)
        return fail(ErrorKind::network, "the server sends another part of the file than was asked for");
    if (!reply.validator.empty() && reply.validator != partial.validator)
        return fail(ErrorKind::network, "the server sends a part of another version of the file");
    if (reply.range->whole) partial.whole = reply.range->whole;
    return partial;
}

}  // namespace mox::network
