#include "network/url.hpp"

#include <algorithm>
#include <cstdint>
#include <system_error>

#include "base/text.hpp"

namespace mox::network {

namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t longest_url = 1024;
constexpr std::size_t longest_host = 253;  // RFC 1035, 2.3.4, as text

bool is_alphanumeric(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9');
}

bool fits_a_host(char letter) {
    return is_alphanumeric(letter) || letter == '-' || letter == '.' || letter == '_';
}

/// RFC 3986, 3.3: pchar, and the slash between segments.
bool fits_a_path(char letter) {
    return is_alphanumeric(letter) || std::string_view("-._~!$&'()*+,;=:@%/").contains(letter);
}

/// For messages, without characters that could disturb a terminal, because the text may come from outside.
std::string quoted(std::string_view text) {
    std::string shown(text.substr(0, 100));
    std::ranges::replace_if(shown, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    return "\"" + shown + (text.size() > shown.size() ? "...\"" : "\"");
}

bool is_port(std::string_view text) {
    return whole_number<std::uint16_t>(text).value_or(0) != 0;
}

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return fail(ErrorKind::network, "the address " + quoted(text) + " cannot be used: " + std::string(why));
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= longest_host && std::ranges::all_of(host, fits_a_host) &&
           !host.starts_with('-') && !host.starts_with('.');
}

}  // namespace

Expected<Url> Url::parse(std::string_view text) {
    if (text.size() > longest_url) return refuse(text, "it is too long");
    if (!text.starts_with(scheme)) return refuse(text, "it does not begin with https://");
    const auto rest = text.substr(scheme.size());
    const auto authority = rest.substr(0, rest.find('/'));
    const auto path = rest.substr(authority.size());
    const auto host = authority.substr(0, authority.find(':'));
    if (!is_host_name(host)) return refuse(text, "it has no host name");
    if (host.size() < authority.size() && !is_port(authority.substr(host.size() + 1)))
        return refuse(text, "its port is not valid");
    if (!std::ranges::all_of(path, fits_a_path))
        return refuse(text, "its path has a character that is not allowed");
    return Url(std::string(text), scheme.size(), host.size());
}

Expected<Url> Url::in_directory(std::string_view name) const {
    return parse(text_ + (text_.ends_with('/') ? "" : "/") + std::string(name));
}

}  // namespace mox::network
