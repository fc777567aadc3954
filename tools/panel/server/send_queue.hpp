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

/// The messages to one page, in order. A page that is too slow, so that the queue exceeds `limit`, is closed.
/// For one event loop only.
class SendQueue {
public:
    enum class Kind { text, binary };
    /// Several pages share the same bytes.
    using Shared = std::shared_ptr<const std::string>;
    struct Message {
        Kind kind = Kind::text;
        Shared bytes;
    };

    static constexpr std::size_t limit = 4 << 20;

    /// `on_close` is called once when the queue is closed: the caller then ends the connection at once.
    explicit SendQueue(std::function<void()> on_close) : on_close_(std::move(on_close)) {}
    SendQueue(const SendQueue&) = delete;
    SendQueue& operator=(const SendQueue&) = delete;
    ~SendQueue() = default;

    void put(Message message);
    void put_text(std::string text);

    /// Waits for the next message; nullopt: the queue is closed.
    [[nodiscard]] boost::asio::awaitable<std::optional<Message>> next();

    void close();
    [[nodiscard]] bool is_closed() const { return closed_; }

private:
    std::function<void()> on_close_;
    std::deque<Message> waiting_;
    std::size_t bytes_ = 0;
    bool closed_ = false;
    async::Event changed_;
};

}  // namespace mox::virtual_mox::panel
