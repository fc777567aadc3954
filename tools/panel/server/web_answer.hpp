#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace mox::virtual_mox::panel {

using WebAnswer = boost::beast::http::response<boost::beast::http::string_body>;

/// An answer for people: a line of text. Every answer of the server carries the headers that keep other pages
/// out; `host` is the one that was asked for, which may be reached by WebSocket (empty: none).
[[nodiscard]] WebAnswer text_answer(boost::beast::http::status status, std::string_view text,
                                    std::string_view host);

/// An answer whose status says it all.
[[nodiscard]] WebAnswer empty_answer(boost::beast::http::status status, std::string_view host);

/// A file of the page. 404 if there is none of that name; only plain files of `folder` itself.
[[nodiscard]] WebAnswer file_answer(const std::filesystem::path& folder, std::string_view encoded_name,
                                    std::string_view host);

}  // namespace mox::virtual_mox::panel
