#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mox::network {

/// An address that may be downloaded from: https, a host, perhaps a port and a path. No user, no password, no
/// query, no fragment: nothing of ours needs them, and nothing that is not understood is handed on.
class Url {
public:
    /// Errors (`network`): what is wrong with it.
    [[nodiscard]] static Expected<Url> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::string_view host() const {
        return std::string_view(text_).substr(host_, host_length_);
    }

    /// The address of `name` in the folder that this is, with or without a slash at its end. Errors
    /// (`network`): the result is none.
    [[nodiscard]] Expected<Url> in_folder(std::string_view name) const;

private:
    Url(std::string text, std::size_t host, std::size_t host_length)
        : text_(std::move(text)), host_(host), host_length_(host_length) {}

    std::string text_;
    std::size_t host_;
    std::size_t host_length_;
};

}  // namespace mox::network
