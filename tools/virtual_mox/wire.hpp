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

/// The two ends of a Unix socket: ours and QEMU's. A pair has no path, and nobody has to wait for it to
/// appear.
struct SocketPair {
    UniqueFd ours;
    UniqueFd theirs;
};

/// Errors (`internal`): no more file descriptors.
[[nodiscard]] Expected<SocketPair> make_socket_pair();

/// Our end of a socket to QEMU.
class Wire {
public:
    Wire(const boost::asio::any_io_executor& executor, UniqueFd socket);

    /// Waits for bytes. Errors (`internal`): QEMU has closed its end; `close` was called.
    [[nodiscard]] boost::asio::awaitable<Expected<std::string>> receive();

    /// At once, without waiting: messages are small and QEMU reads all the time.
    /// Errors (`internal`): QEMU has gone, or has not read for very long.
    [[nodiscard]] Expected<void> send(std::string_view bytes);

    void close();

private:
    boost::asio::local::stream_protocol::socket socket_;
};

/// Cuts a stream into lines. Pure.
class LineSplitter {
public:
    /// The lines that are complete now, without their ends (LF, CR LF).
    [[nodiscard]] std::vector<std::string> add(std::string_view bytes);

private:
    std::string unfinished_;
};

}  // namespace mox::virtual_mox
