#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "async/event.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "virtual_mox/qmp_message.hpp"
#include "virtual_mox/wire.hpp"

namespace mox::virtual_mox {

/// A connection to QEMU's monitor. Messages arrive only while `listen` runs.
class QmpClient {
public:
    using NoticeListener = std::function<void(QmpNotice)>;

    QmpClient(const boost::asio::any_io_executor& executor, UniqueFd socket, NoticeListener listener)
        : wire_(executor, std::move(socket)), listener_(std::move(listener)) {}

    /// Reads until the connection ends; notices go to the listener at once.
    [[nodiscard]] boost::asio::awaitable<void> listen();

    /// Waits for QEMU's greeting and answers it. Errors (`internal`): QEMU ended before.
    [[nodiscard]] boost::asio::awaitable<Expected<void>> begin();

    /// Several commands may run at a time. Errors (`internal`): QEMU refuses, with its reason; it has ended;
    /// it does not answer.
    [[nodiscard]] boost::asio::awaitable<Expected<nlohmann::json>> execute(std::string command,
                                                                           nlohmann::json arguments);

    /// Closes the connection. No listener is called afterwards.
    void close();

private:
    void take(const std::string& line);

    Wire wire_;
    NoticeListener listener_;
    async::Event changed_;
    bool greeted_ = false;
    bool ended_ = false;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, Expected<nlohmann::json>> answers_;
};

}  // namespace mox::virtual_mox
