#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace mox::virtual_mox::panel {

/// The parts of a request that are checked first.
struct RequestInfo {
    std::optional<std::string_view> host;    ///< nullopt: none, or more than one
    std::optional<std::string_view> origin;  ///< nullopt: none
    std::string_view target;                 ///< path and query as received
    bool needs_origin = false;               ///< it is for a change or a WebSocket
};

enum class Refusal { foreign_host, foreign_origin, wrong_token };

/// Decides which requests are admitted. Every web page can send requests to ports of this computer: a name
/// that leads to 127.0.0.1 (DNS rebinding) has another Host, another page has another Origin, and only a user
/// who can read the terminal has the token. Pure.
class RequestGuard {
public:
    RequestGuard(std::uint16_t port, std::string token);

    /// The path below the token without the query: "" for the page itself, "board", "files/a%20b".
    [[nodiscard]] std::expected<std::string_view, Refusal> admit(const RequestInfo& request) const;

private:
    [[nodiscard]] bool is_our_host(std::string_view host) const;
    [[nodiscard]] bool is_our_origin(std::string_view origin) const;

    std::string port_;
    std::string token_;
};

/// 32 random hexadecimal digits.
[[nodiscard]] std::string new_token();

/// Whether `text` has the form of a token.
[[nodiscard]] bool is_token(std::string_view text);

}  // namespace mox::virtual_mox::panel
