#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "panel/server/panel_session.hpp"
#include "panel/server/request_guard.hpp"
#include "panel/server/web_answer.hpp"

namespace mox::virtual_mox::panel {

/// What all connections serve.
struct ServerConfig {
    RequestGuard doorkeeper;
    std::filesystem::path page;  ///< folder of the bundled page
    PanelSession& desk;
};

/// One connection of a browser: requests one after another, or a WebSocket.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    /// The site outlives it.
    Connection(boost::asio::ip::tcp::socket socket, const ServerConfig& site);

    /// From the first request to the end.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// At once, from outside.
    void close();

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
    using Header = Parser::value_type;
    /// Whether there can be a further request on this connection.
    enum class Then { goes_on, ends };

    [[nodiscard]] boost::asio::awaitable<Then> serve_request();
    [[nodiscard]] boost::asio::awaitable<Then> serve(Parser& parser, std::string_view path);
    [[nodiscard]] boost::asio::awaitable<Then> receive_file(Parser& head, std::string name);
    [[nodiscard]] boost::asio::awaitable<Then> answer(bool keep_alive, WebAnswer answer);
    /// Answers a request whose body is not read; that is the last one then.
    [[nodiscard]] boost::asio::awaitable<Then> refuse(boost::beast::http::status status,
                                                      std::string_view text);
    [[nodiscard]] boost::asio::awaitable<void> read_what_is_left();

    [[nodiscard]] boost::asio::awaitable<void> serve_page(Header request);
    [[nodiscard]] boost::asio::awaitable<void> listen_to_page(std::shared_ptr<SendQueue> page);
    [[nodiscard]] boost::asio::awaitable<void> send_to_page(std::shared_ptr<SendQueue> page);

    [[nodiscard]] boost::beast::tcp_stream& tcp() { return boost::beast::get_lowest_layer(stream_); }

    boost::beast::websocket::stream<boost::beast::tcp_stream> stream_;
    boost::beast::flat_buffer buffer_;
    const ServerConfig& site_;
    std::string host_;  ///< that the browser asks for; empty until it is known to be ours
};

}  // namespace mox::virtual_mox::panel
