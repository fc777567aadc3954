#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mox::network {

/// A URL for downloads: https, a host, optionally a port and a path. User, password, query and fragment are
/// refused: no URL here needs them.
class Url {
public:
    /// Errors (`network`): the reason why it is not valid.
    [[nodiscard]] static Expected<Url> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::string_view host() const {
        return std::string_view(text_).substr(host_, host_length_);
    }

    /// The URL of `name` in this directory URL, which may end with a slash or not. Errors (`network`): the
    /// result is not valid.
    [[nodiscard]] Expected<Url> in_directory(std::string_view name) const;

private:
    Url(std::string text, std::size_t host, std::size_t host_length)
        : text_(std::move(text)), host_(host), host_length_(host_length) {}

    std::string text_;
    std::size_t host_;
    std::size_t host_length_;
};

}  // namespace mox::network
