#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace mox::virtual_mox::panel {

/// A request as far as it is looked at before anything else.
struct RequestInfo {
    std::optional<std::string_view> host;    ///< nothing: none, or more than one
    std::optional<std::string_view> origin;  ///< nothing: none
    std::string_view target;                 ///< path and query, as they came
    bool needs_origin = false;               ///< it wants to change something, or a WebSocket
};

enum class Refusal { foreign_host, foreign_origin, wrong_token };

/// Decides who may come in. Every page of the web can send requests to this computer's own ports: a name that
/// leads to 127.0.0.1 (DNS rebinding) has another Host, another page has another Origin, and nobody but who
/// read our terminal knows the token. Pure.
class RequestGuard {
public:
    RequestGuard(std::uint16_t port, std::string token);

    /// The path below the token without the query: "" for the page itself, "board", "files/a%20b".
    [[nodiscard]] std::expected<std::string_view, Refusal> admit(const RequestInfo& knock) const;

private:
    [[nodiscard]] bool is_our_host(std::string_view host) const;
    [[nodiscard]] bool is_our_origin(std::string_view origin) const;

    std::string port_;
    std::string token_;
};

/// 32 hexadecimal digits that nobody can guess.
[[nodiscard]] std::string new_token();

/// Whether `text` could be one.
[[nodiscard]] bool is_token(std::string_view text);

}  // namespace mox::virtual_mox::panel
