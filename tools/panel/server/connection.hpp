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

/// The objects that all connections use.
struct ServerConfig {
    RequestGuard guard;
    std::filesystem::path page;  ///< directory of the bundled page
    PanelSession& session;
};

/// One connection of a browser: requests one after another, or a WebSocket.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    /// The config outlives it.
    Connection(boost::asio::ip::tcp::socket socket, const ServerConfig& config);

    /// Serves from the first request to the end.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// Closes the connection at once.
    void close();

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
    using Header = Parser::value_type;
    /// Whether another request on this connection is possible.
    enum class Then { goes_on, ends };

    [[nodiscard]] boost::asio::awaitable<Then> serve_request();
    [[nodiscard]] boost::asio::awaitable<Then> serve(Parser& parser, std::string_view path);
    [[nodiscard]] boost::asio::awaitable<Then> receive_file(Parser& head, std::string name);
    [[nodiscard]] boost::asio::awaitable<Then> answer(bool keep_alive, WebAnswer answer);
    /// Answers a request whose body is not read; it is the last request on the connection.
    [[nodiscard]] boost::asio::awaitable<Then> refuse(boost::beast::http::status status,
                                                      std::string_view text);
    [[nodiscard]] boost::asio::awaitable<void> read_what_is_left();

    [[nodiscard]] boost::asio::awaitable<void> serve_page(Header request);
    [[nodiscard]] boost::asio::awaitable<void> listen_to_page(std::shared_ptr<SendQueue> page);
    [[nodiscard]] boost::asio::awaitable<void> send_to_page(std::shared_ptr<SendQueue> page);

    [[nodiscard]] boost::beast::tcp_stream& tcp() { return boost::beast::get_lowest_layer(stream_); }

    boost::beast::websocket::stream<boost::beast::tcp_stream> stream_;
    boost::beast::flat_buffer buffer_;
    const ServerConfig& config_;
    std::string host_;  ///< host of the request; empty until it is checked
};

}  // namespace mox::virtual_mox::panel
