#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/event.hpp"

namespace mox::virtual_mox::panel {

/// What waits to be sent to one page, in order. A page that is so slow that too much waits for it is given
/// up. On one event loop only.
class SendQueue {
public:
    enum class Kind { text, binary };
    /// Several pages are sent the same bytes.
    using Shared = std::shared_ptr<const std::string>;
    struct Message {
        Kind kind = Kind::text;
        Shared bytes;
    };

    static constexpr std::size_t limit = 4 << 20;

    /// Is told once when nothing more will be taken out: the connection is to be ended at once.
    explicit SendQueue(std::function<void()> on_close) : on_close_(std::move(on_close)) {}
    SendQueue(const SendQueue&) = delete;
    SendQueue& operator=(const SendQueue&) = delete;
    ~SendQueue() = default;

    void put(Message message);
    void put_text(std::string text);

    /// The next message; nothing when it is closed.
    [[nodiscard]] boost::asio::awaitable<std::optional<Message>> next();

    void close();
    [[nodiscard]] bool is_closed() const { return closed_; }

private:
    std::function<void()> on_close_;
    std::deque<Message> waiting_;
    std::size_t bytes_ = 0;
    bool closed_ = false;
    async::Event bell_;
};

}  // namespace mox::virtual_mox::panel
