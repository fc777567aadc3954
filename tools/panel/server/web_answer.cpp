#include "panel/server/web_answer.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <optional>
#include <utility>

#include "base/file.hpp"
#include "panel/server/file_name.hpp"

namespace mox::virtual_mox::panel {

namespace http = boost::beast::http;

namespace {

constexpr auto kind = ErrorKind::internal;
constexpr auto first_file = "index.html";
constexpr Bytes largest_file{16 << 20};

std::string_view content_type(const std::filesystem::path& name) {
    using Type = std::pair<std::string_view, std::string_view>;
    constexpr std::array types{Type{".html", "text/html; charset=utf-8"},
                               Type{".js", "text/javascript; charset=utf-8"},
                               Type{".css", "text/css; charset=utf-8"},
                               Type{".svg", "image/svg+xml"},
                               Type{".png", "image/png"},
                               Type{".ico", "image/x-icon"},
                               Type{".woff2", "font/woff2"},
                               Type{".json", "application/json"},
                               Type{".map", "application/json"},
                               Type{".txt", "text/plain; charset=utf-8"}};
    for (const auto& [suffix, type] : types)
        if (name.extension() == suffix) return type;
    return "application/octet-stream";
}

/// The page loads from and connects to this server only, and cannot be put in a frame.
std::string security_policy(std::string_view host) {
    const auto socket = host.empty() ? "" : " ws://" + std::string(host);
    return "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src "
           "'self'" +
           socket + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
}

WebAnswer answer(http::status status, std::string_view host, std::string_view type, std::string body) {
    WebAnswer answer(status, 11);
    answer.set(http::field::content_type, boost::string_view(type.data(), type.size()));
    answer.set("Content-Security-Policy", security_policy(host));
    answer.set("X-Content-Type-Options", "nosniff");
    answer.set("Referrer-Policy", "no-referrer");
    answer.set("Cross-Origin-Resource-Policy", "same-origin");
    answer.set("Cross-Origin-Opener-Policy", "same-origin");
    answer.set(http::field::cache_control, "no-store");
    answer.body() = std::move(body);
    answer.prepare_payload();
    return answer;
}

/// Errors: there is no such file, or it is a link or a directory.
Expected<std::string> plain_file(const std::filesystem::path& path) {
    auto file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, kind);
    if (!file) return pass_on(file);
    struct stat status{};
    if (::fstat(file->get(), &status) != 0) return fail_errno(kind, path.string());
    if (!S_ISREG(status.st_mode)) return fail(kind, path.string() + " is not a regular file");
    return read_to_end(file->get(), path.string(), kind, largest_file);
}

}  // namespace

WebAnswer text_answer(http::status status, std::string_view text, std::string_view host) {
    return answer(status, host, "text/plain; charset=utf-8", std::string(text) + "\n");
}

WebAnswer empty_answer(http::status status, std::string_view host) {
    return answer(status, host, "text/plain; charset=utf-8", "");
}

WebAnswer file_answer(const std::filesystem::path& folder, std::string_view encoded_name,
                      std::string_view host) {
    const auto name =
        encoded_name.empty() ? std::optional<std::string>(first_file) : file_name_in(encoded_name);
    if (!name) return text_answer(http::status::not_found, "There is no such file.", host);
    auto content = plain_file(folder / *name);
    if (!content) return text_answer(http::status::not_found, "There is no such file.", host);
    return answer(http::status::ok, host, content_type(*name), *std::move(content));
}

}  // namespace mox::virtual_mox::panel
