// A connection that is a WebSocket: one page.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/option.hpp>
#include <chrono>
#include <utility>

#include "async/spawn.hpp"
#include "panel/server/connection.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_message = 64 << 10;
constexpr std::size_t most_typed = 4 << 10;
/// A page without messages is pinged after half of this time, and closed when it does not answer in the other
/// half.
constexpr auto dead_after = 20s;
constexpr auto waiting = asio::as_tuple(asio::use_awaitable);

}  // namespace

asio::awaitable<void> Connection::serve_page(Header request) {
    websocket::stream_base::timeout times{};
    times.handshake_timeout = 10s;
    times.idle_timeout = dead_after;
    times.keep_alive_pings = true;
    stream_.set_option(times);
    stream_.read_message_max(longest_message);
    tcp().expires_never();  // the WebSocket has its own timeouts
    const auto [failed] = co_await stream_.async_accept(request, waiting);
    if (failed) co_return;

    const std::weak_ptr<Connection> weak = weak_from_this();
    const auto page = std::make_shared<SendQueue>([weak] {
        if (const auto self = weak.lock()) self->close();
    });
    config_.session.join(page);
    const auto self = shared_from_this();
    // Not awaited inside the arguments: GCC 12 would destroy the captures of the lambda twice.
    const auto executor = co_await asio::this_coro::executor;
    async::spawn(executor, [self, page] { return self->send_to_page(page); });
    co_await listen_to_page(page);
    config_.session.on_close(page);
    page->close();
}

asio::awaitable<void> Connection::listen_to_page(std::shared_ptr<SendQueue> page) {
    while (!page->is_closed()) {
        buffer_.clear();
        const auto [failed, count] = co_await stream_.async_read(buffer_, waiting);
        if (failed) co_return;
        const auto bytes = boost::beast::buffers_to_string(buffer_.cdata());
        if (stream_.got_text()) {
            config_.session.on_message(page, bytes);
        } else if (bytes.size() <= most_typed) {
            config_.session.typed(page, bytes);
        } else {
            const websocket::close_reason too_long(websocket::close_code::too_big);
            co_await stream_.async_close(too_long, waiting);
            co_return;
        }
    }
}

asio::awaitable<void> Connection::send_to_page(std::shared_ptr<SendQueue> page) {
    while (const auto message = co_await page->next()) {
        stream_.text(message->kind == SendQueue::Kind::text);
        const auto [failed, count] = co_await stream_.async_write(asio::buffer(*message->bytes), waiting);
        if (failed) page->close();
    }
}

}  // namespace mox::virtual_mox::panel
