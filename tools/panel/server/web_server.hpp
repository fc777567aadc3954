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

/// Takes connections on loopback, and on nothing else.
class WebServer {
public:
    /// `port` 0: any that is free. Errors (`internal`): somebody else has it.
    [[nodiscard]] static Expected<WebServer> open(const boost::asio::any_io_executor& executor,
                                                  std::uint16_t port);

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// From now on. The site outlives the server.
    void serve(const ServerConfig& site);
    /// Nobody else comes in, and all are sent away.
    void close();
    /// Waits until all have gone.
    [[nodiscard]] boost::asio::awaitable<void> ended();

    WebServer(WebServer&&) = default;

private:
    WebServer(const boost::asio::any_io_executor& executor, boost::asio::ip::tcp::acceptor acceptor,
              std::uint16_t port);

    boost::asio::awaitable<void> accept(const ServerConfig& site);
    boost::asio::awaitable<void> serve_one(std::shared_ptr<Connection> connection);

    boost::asio::any_io_executor executor_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::set<std::shared_ptr<Connection>> connections_;
    bool accepting_ = false;
    async::Event bell_;
};

}  // namespace mox::virtual_mox::panel
