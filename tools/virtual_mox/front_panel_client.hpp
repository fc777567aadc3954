#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "virtual_mox/front_panel_message.hpp"
#include "virtual_mox/wire.hpp"

namespace mox::virtual_mox {

/// A connection to the machine's front panel. Messages arrive only while `listen` runs.
class FrontPanelClient {
public:
    using Listener = std::function<void(const PanelMessage& message)>;

    FrontPanelClient(const boost::asio::any_io_executor& executor, UniqueFd socket, Listener listener)
        : wire_(executor, std::move(socket)), listener_(std::move(listener)) {}

    /// Reads until the connection ends, or until an unknown message arrives.
    [[nodiscard]] boost::asio::awaitable<void> listen();

    /// Sends a command at once. Errors (`internal`): QEMU has ended.
    [[nodiscard]] Expected<void> send(const std::string& command);

    /// Closes the connection. No listener is called afterwards.
    void close();

private:
    Wire wire_;
    Listener listener_;
    bool ended_ = false;
};

}  // namespace mox::virtual_mox
