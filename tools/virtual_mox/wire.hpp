#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::virtual_mox {

/// The two ends of a Unix socket: that of this process and that of QEMU. A pair has no path, and exists at
/// once.
struct SocketPair {
    UniqueFd ours;
    UniqueFd theirs;
};

/// Errors (`internal`): no more file descriptors.
[[nodiscard]] Expected<SocketPair> make_socket_pair();

/// The end of this process of a socket to QEMU.
class Wire {
public:
    Wire(const boost::asio::any_io_executor& executor, UniqueFd socket);

    /// Waits for bytes. Errors (`internal`): QEMU has closed its end; `close` was called.
    [[nodiscard]] boost::asio::awaitable<Expected<std::string>> receive();

    /// Sends without waiting: messages are small and QEMU always reads. Errors (`internal`): QEMU has ended,
    /// or has not read for a long time.
    [[nodiscard]] Expected<void> send(std::string_view bytes);

    void close();

private:
    boost::asio::local::stream_protocol::socket socket_;
};

/// Splits a stream into lines. Pure.
class LineSplitter {
public:
    /// Returns the lines that are complete now, without their ends (LF, CR LF).
    [[nodiscard]] std::vector<std::string> add(std::string_view bytes);

private:
    std::string unfinished_;
};

}  // namespace mox::virtual_mox
