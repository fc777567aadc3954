#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <set>

#include "async/event.hpp"
#include "base/error.hpp"
#include "panel/server/connection.hpp"

namespace mox::virtual_mox::panel {

/// Accepts connections on the loopback interface only.
class WebServer {
public:
    /// `port` 0: any free port. Errors (`internal`): the port is in use.
    [[nodiscard]] static Expected<WebServer> open(const boost::asio::any_io_executor& executor,
                                                  std::uint16_t port);

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Starts to accept. The config outlives the server.
    void serve(const ServerConfig& config);
    /// Stops to accept, and closes all connections.
    void close();
    /// Waits until all connections have ended.
    [[nodiscard]] boost::asio::awaitable<void> ended();

    WebServer(WebServer&&) = default;

private:
    WebServer(const boost::asio::any_io_executor& executor, boost::asio::ip::tcp::acceptor acceptor,
              std::uint16_t port);

    boost::asio::awaitable<void> accept(const ServerConfig& config);
    boost::asio::awaitable<void> serve_one(std::shared_ptr<Connection> connection);

    boost::asio::any_io_executor executor_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::set<std::shared_ptr<Connection>> connections_;
    bool accepting_ = false;
    async::Event changed_;
};

}  // namespace mox::virtual_mox::panel
