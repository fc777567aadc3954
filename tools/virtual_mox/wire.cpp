#include "virtual_mox/wire.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace mox::virtual_mox {

namespace asio = boost::asio;

namespace {

constexpr auto kind = ErrorKind::internal;

}  // namespace

Expected<SocketPair> make_socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno(kind, "socketpair");
    return SocketPair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Wire::Wire(const asio::any_io_executor& executor, UniqueFd socket) : socket_(executor) {
    socket_.assign(asio::local::stream_protocol(), socket.release());
}

asio::awaitable<Expected<std::string>> Wire::receive() {
    std::array<char, 4096> block{};
    const auto [failed, count] =
        co_await socket_.async_read_some(asio::buffer(block), asio::as_tuple(asio::use_awaitable));
    if (failed) co_return fail(kind, "the connection to QEMU has ended");
    co_return std::string(block.data(), count);
}

Expected<void> Wire::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent =
            ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return fail_errno(kind, "sending to QEMU");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

void Wire::close() {
    boost::system::error_code ignored;  // closed it is in any case
    socket_.close(ignored);
}

std::vector<std::string> LineSplitter::add(std::string_view bytes) {
    std::vector<std::string> lines;
    unfinished_ += bytes;
    for (auto end = unfinished_.find('\n'); end != std::string::npos; end = unfinished_.find('\n')) {
        auto line = unfinished_.substr(0, end);
        unfinished_.erase(0, end + 1);
        if (line.ends_with('\r')) line.pop_back();
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace mox::virtual_mox
