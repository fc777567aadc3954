#include "panel/server/connection.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <chrono>
#include <utility>

#include "panel/server/file_name.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t longest_head = 16 << 10;
/// The time limit for a request's head, and between two requests.
constexpr auto client_timeout = 30s;
/// The limit for data that a client still sends after it was refused.
constexpr auto patience_after_refusal = 2s;
constexpr auto waiting = asio::as_tuple(asio::use_awaitable);

std::string_view view(boost::string_view text) {
    return {text.data(), text.size()};
}

template <typename Header>
std::optional<std::string_view> only(const Header& header, http::field field) {
    if (header.count(field) != 1) return std::nullopt;
    return view(header[field]);
}

template <typename Header>
RequestInfo request_info_of(const Header& header) {
    const bool only_looks = header.method() == http::verb::get && !beast::websocket::is_upgrade(header);
    RequestInfo request{.host = only(header, http::field::host),
                        .origin = std::nullopt,
                        .target = view(header.target()),
                        .needs_origin = !only_looks};
    // Several Origin headers count as a foreign one.
    if (header.count(http::field::origin) > 0)
        request.origin = only(header, http::field::origin).value_or("");
    return request;
}

struct HttpError {
    http::status status;
    std::string_view text;
};

HttpError turned_away(Refusal refusal) {
    switch (refusal) {
        case Refusal::foreign_host:
            return {http::status::misdirected_request, "This server has another name."};
        case Refusal::foreign_origin:
            return {http::status::forbidden, "Requests of other pages are refused."};
        case Refusal::wrong_token:
            break;
    }
    return {http::status::forbidden, "Open the address that virtual-mox-panel has printed."};
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, const ServerConfig& config)
    : stream_(std::move(socket)), config_(config) {}

void Connection::close() {
    tcp().close();
}

asio::awaitable<void> Connection::run() {
    const auto self = shared_from_this();
    while (co_await serve_request() == Then::goes_on) {
    }
    tcp().close();
}

asio::awaitable<Connection::Then> Connection::serve_request() {
    Parser parser;
    parser.header_limit(longest_head);
    parser.body_limit(boost::none);  // code that reads a body has its own limit
    host_.clear();
    tcp().expires_after(client_timeout);
    const auto [failed, count] = co_await http::async_read_header(tcp(), buffer_, parser, waiting);
    if (failed == http::error::end_of_stream || failed == http::error::partial_message) co_return Then::ends;
    if (failed == http::error::header_limit)
        co_return co_await refuse(http::status::request_header_fields_too_large,
                                  "The request's head is too long.");
    if (failed && failed.category() == make_error_code(http::error::bad_method).category())
        co_return co_await refuse(http::status::bad_request, "This is not an HTTP request.");
    if (failed) co_return Then::ends;

    const auto path = config_.guard.admit(request_info_of(parser.get()));
    if (!path) {
        const auto [status, text] = turned_away(path.error());
        co_return co_await refuse(status, text);
    }
    host_ = view(parser.get()[http::field::host]);
    co_return co_await serve(parser, *path);
}

asio::awaitable<Connection::Then> Connection::serve(Parser& parser, std::string_view path) {
    const auto& request = parser.get();
    constexpr std::string_view files = "files/";
    if (path.starts_with(files)) {
        const auto name = file_name_in(path.substr(files.size()));
        if (!name) co_return co_await refuse(http::status::bad_request, "This is not a valid file name.");
        if (request.method() == http::verb::put) co_return co_await receive_file(parser, *name);
        if (parser.chunked() || parser.content_length().value_or(0) > 0)
            co_return co_await refuse(http::status::bad_request, "There must be no body.");
        if (request.method() != http::verb::delete_)
            co_return co_await refuse(http::status::method_not_allowed, "Files accept only PUT and DELETE.");
        auto removal = config_.session.remove_upload(*name)
                           ? empty_answer(http::status::no_content, host_)
                           : text_answer(http::status::not_found, "There is no such file.", host_);
        co_return co_await answer(request.keep_alive(), std::move(removal));
    }
    if (request.method() != http::verb::get)
        co_return co_await refuse(http::status::method_not_allowed, "This accepts only GET and HEAD.");
    if (parser.chunked() || parser.content_length().value_or(0) > 0)
        co_return co_await refuse(http::status::bad_request, "There must be no body.");
    if (path == "board") {
        if (!beast::websocket::is_upgrade(request))
            co_return co_await refuse(http::status::upgrade_required, "The board needs a WebSocket.");
        auto asked = parser.release();
        co_await serve_page(std::move(asked));
        co_return Then::ends;
    }
    auto file = file_answer(config_.page, path, host_);
    co_return co_await answer(request.keep_alive(), std::move(file));
}

asio::awaitable<Connection::Then> Connection::answer(bool keep_alive, WebAnswer answer) {
    answer.keep_alive(keep_alive);
    tcp().expires_after(client_timeout);
    const auto [failed, count] = co_await http::async_write(tcp(), answer, waiting);
    co_return failed || !keep_alive ? Then::ends : Then::goes_on;
}

asio::awaitable<Connection::Then> Connection::refuse(http::status status, std::string_view text) {
    auto answer = text_answer(status, text, host_);
    answer.keep_alive(false);
    tcp().expires_after(client_timeout);
    const auto [failed, count] = co_await http::async_write(tcp(), answer, waiting);
    if (!failed) co_await read_what_is_left();
    co_return Then::ends;
}

/// A connection that is closed while unread data has arrived is reset, and the answer is lost.
asio::awaitable<void> Connection::read_what_is_left() {
    beast::error_code failed;
    tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, failed);
    tcp().expires_after(patience_after_refusal);
    for (std::array<char, 4096> block{}; !failed;) {
        const auto [ended, count] = co_await tcp().async_read_some(asio::buffer(block), waiting);
        failed = ended;
    }
}

}  // namespace mox::virtual_mox::panel
