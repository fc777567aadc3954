#include "panel/server/web_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "async/spawn.hpp"
#include "base/unique_fd.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using namespace std::chrono_literals;

constexpr auto kind = ErrorKind::internal;
/// A browser opens about six connections; others wait in the kernel's queue until one is closed.
constexpr std::size_t most_connections = 256;
constexpr auto pause_when_full = 50ms;

/// Asio's sockets are inherited by child processes: QEMU would keep a browser's connection and the port open.
Expected<UniqueFd> listening_socket(std::uint16_t port) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno(kind, "socket");
    const int yes = 1;  // reuses the port of a server that has just ended
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
        return fail_errno(kind, "SO_REUSEADDR");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(kind, "127.0.0.1 port " + std::to_string(port));
    if (::listen(socket.get(), SOMAXCONN) != 0) return fail_errno(kind, "listen");
    return socket;
}

}  // namespace

Expected<WebServer> WebServer::open(const asio::any_io_executor& executor, std::uint16_t port) {
    auto socket = listening_socket(port);
    if (!socket) return pass_on(socket);
    tcp::acceptor acceptor(executor, tcp::v4(), socket->release());
    const auto own_port = acceptor.local_endpoint().port();
    return WebServer(executor, std::move(acceptor), own_port);
}

WebServer::WebServer(const asio::any_io_executor& executor, tcp::acceptor acceptor, std::uint16_t port)
    : executor_(executor), acceptor_(std::move(acceptor)), port_(port) {}

void WebServer::serve(const ServerConfig& config) {
    accepting_ = true;
    async::spawn(executor_, [this, &config] { return accept(config); });
}

asio::awaitable<void> WebServer::accept(const ServerConfig& config) {
    while (acceptor_.is_open()) {
        const auto [failed] =
            co_await acceptor_.async_wait(tcp::acceptor::wait_read, asio::as_tuple(asio::use_awaitable));
        if (failed || !acceptor_.is_open()) break;
        UniqueFd socket;
        if (connections_.size() < most_connections)
            socket.reset(
                ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) {
            // Too many connections, no free descriptor, or already closed: the other connections go on.
            asio::steady_timer pause(executor_, pause_when_full);
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        const int yes = 1;  // without it an edge of the LED would be sent late, together with the next one
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        const auto connection =
            std::make_shared<Connection>(tcp::socket(executor_, tcp::v4(), socket.release()), config);
        connections_.insert(connection);
        async::spawn(executor_, [this, connection] { return serve_one(connection); });
    }
    accepting_ = false;
    changed_.notify();
}

asio::awaitable<void> WebServer::serve_one(std::shared_ptr<Connection> connection) {
    co_await connection->run();
    connections_.erase(connection);
    changed_.notify();
}

void WebServer::close() {
    boost::system::error_code ignored;  // the socket is closed in any case
    acceptor_.close(ignored);
    for (const auto& connection : connections_) connection->close();
}

asio::awaitable<void> WebServer::ended() {
    while (accepting_ || !connections_.empty()) co_await changed_.notified_before(Clock::time_point::max());
}

}  // namespace mox::virtual_mox::panel
