// A connection that uploads a file for the next stick.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "async/run_on_thread.hpp"
#include "panel/server/connection.hpp"
#include "panel/server/file_name.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t block_size = 1 << 20;
/// The time limit for each block; a slower client is disconnected.
constexpr auto client_timeout = 30s;
constexpr auto waiting = asio::as_tuple(asio::use_awaitable);

constexpr std::string_view too_large = "A file may have 512 MiB.";
constexpr std::string_view not_stored = "The file cannot be stored. Is the disk full?";

using BodyParser = http::request_parser<http::buffer_body>;

}  // namespace

asio::awaitable<Connection::Then> Connection::receive_file(Parser& head, std::string name) {
    const Bytes announced{head.content_length().value_or(0)};
    if (announced > largest_upload) co_return co_await refuse(http::status::payload_too_large, too_large);
    if (const auto fits = config_.session.check_upload(name, announced); !fits)
        co_return co_await refuse(http::status::bad_request, fits.error().describe());
    auto upload = config_.session.begin_upload();
    if (!upload) co_return co_await refuse(http::status::insufficient_storage, not_stored);
    if (boost::beast::iequals(head.get()[http::field::expect], "100-continue")) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto [failed, count] = co_await asio::async_write(tcp(), asio::buffer(go_on), waiting);
        if (failed) co_return Then::ends;
    }

    BodyParser parser(std::move(head));
    parser.body_limit(largest_upload.count);
    std::vector<char> block(block_size);
    while (!parser.is_done()) {
        auto& body = parser.get().body();
        body.data = block.data();
        body.size = block.size();
        tcp().expires_after(client_timeout);
        const auto [failed, count] = co_await http::async_read(tcp(), buffer_, parser, waiting);
        if (failed == http::error::body_limit)
            co_return co_await refuse(http::status::payload_too_large, too_large);
        if (failed && failed != http::error::need_buffer) co_return Then::ends;
        const std::span bytes(block.data(), block.size() - body.size);
        // A busy disk makes writers wait; the LED must not wait.
        const auto write = [&] { return upload->append(bytes); };
        if (const auto written = co_await async::run_on_thread(write); !written)
            co_return co_await refuse(http::status::insufficient_storage, not_stored);
    }
    // Another file may have come meanwhile.
    if (const auto fits = config_.session.check_upload(name, announced); !fits)
        co_return co_await refuse(http::status::bad_request, fits.error().describe());
    if (const auto completed = config_.session.complete_upload(std::move(*upload), name); !completed)
        co_return co_await refuse(http::status::insufficient_storage, not_stored);
    const bool keeps = parser.get().keep_alive();
    auto stored = text_answer(http::status::created, "Stored.", host_);
    co_return co_await answer(keeps, std::move(stored));
}

}  // namespace mox::virtual_mox::panel
