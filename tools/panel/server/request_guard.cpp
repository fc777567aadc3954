#include "panel/server/request_guard.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace mox::virtual_mox::panel {

namespace {

constexpr std::size_t token_length = 32;
constexpr std::string_view digits = "0123456789abcdef";

/// Takes constant time: the time does not show where two texts differ.
bool equal_in_constant_time(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
    return difference == 0;
}

}  // namespace

RequestGuard::RequestGuard(std::uint16_t port, std::string token)
    : port_(std::to_string(port)), token_(std::move(token)) {}

bool RequestGuard::is_our_host(std::string_view host) const {
    constexpr std::array<std::string_view, 3> names{"127.0.0.1", "localhost", "[::1]"};
    return std::ranges::any_of(
        names, [&](std::string_view name) { return host == std::string(name) + ":" + port_; });
}

bool RequestGuard::is_our_origin(std::string_view origin) const {
    constexpr std::string_view scheme = "http://";
    return origin.starts_with(scheme) && is_our_host(origin.substr(scheme.size()));
}

std::expected<std::string_view, Refusal> RequestGuard::admit(const RequestInfo& request) const {
    if (!request.host || !is_our_host(*request.host)) return std::unexpected(Refusal::foreign_host);
    if (request.origin ? !is_our_origin(*request.origin) : request.needs_origin)
        return std::unexpected(Refusal::foreign_origin);
    auto path = request.target.substr(0, request.target.find('?'));
    if (!path.starts_with('/')) return std::unexpected(Refusal::wrong_token);
    path.remove_prefix(1);
    const auto slash = path.find('/');
    if (slash == std::string_view::npos || !equal_in_constant_time(path.substr(0, slash), token_))
        return std::unexpected(Refusal::wrong_token);
    return path.substr(slash + 1);
}

std::string new_token() {
    std::random_device draw;  // the kernel's random numbers
    std::string token;
    while (token.size() < token_length)
        for (auto bits = draw(), left = 8U; left > 0; --left, bits >>= 4U) token += digits[bits & 0xFU];
    return token;
}

bool is_token(std::string_view text) {
    return text.size() == token_length && text.find_first_not_of(digits) == std::string_view::npos;
}

}  // namespace mox::virtual_mox::panel
