#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "virtual_mox/bell.hpp"
#include "virtual_mox/qtest_message.hpp"
#include "virtual_mox/wire.hpp"

namespace mox::virtual_mox {

/// A connection to QEMU's qtest socket. `listen` must run for anything to arrive.
class QtestClient {
public:
    /// Is told a change of an intercepted line, with the time of its arrival.
    using LineListener = std::function<void(QtestLine line, Clock::time_point at)>;

    QtestClient(const boost::asio::any_io_executor& executor, UniqueFd socket, LineListener listener)
        : wire_(executor, std::move(socket)), listener_(std::move(listener)) {}

    /// Reads until the connection ends.
    [[nodiscard]] boost::asio::awaitable<void> listen();

    /// A command that was sent.
    using Ticket = std::uint64_t;

    /// Sends at once. Errors (`internal`): QEMU has gone.
    [[nodiscard]] Expected<Ticket> send(const std::string& command);

    /// Waits for the reply to a sent command. Errors (`internal`): QEMU refuses, has gone, or does not
    /// answer.
    [[nodiscard]] boost::asio::awaitable<Expected<void>> reply_to(Ticket ticket);

    /// No listener is called afterwards.
    void close();

private:
    void take(const std::string& line);

    Wire wire_;
    LineListener listener_;
    Bell bell_;
    bool ended_ = false;
    Ticket sent_ = 0;
    Ticket answered_ = 0;                     ///< replies come in the order of the commands
    std::map<Ticket, std::string> refusals_;  ///< few: each is a mistake of ours
};

}  // namespace mox::virtual_mox
