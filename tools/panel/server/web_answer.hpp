#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace mox::virtual_mox::panel {

using WebAnswer = boost::beast::http::response<boost::beast::http::string_body>;

/// An answer with a line of text. All answers have the headers that keep other pages out; `host` is that of
/// the request, which the page may reach by WebSocket (empty: none).
[[nodiscard]] WebAnswer text_answer(boost::beast::http::status status, std::string_view text,
                                    std::string_view host);

/// An answer with a status only.
[[nodiscard]] WebAnswer empty_answer(boost::beast::http::status status, std::string_view host);

/// A file of the page, only a regular file directly in `folder`; else 404.
[[nodiscard]] WebAnswer file_answer(const std::filesystem::path& folder, std::string_view encoded_name,
                                    std::string_view host);

}  // namespace mox::virtual_mox::panel
