#include "panel/server/send_queue.hpp"

#include <utility>

namespace mox::virtual_mox::panel {

void SendQueue::put(Message message) {
    if (closed_) return;
    bytes_ += message.bytes->size();
    waiting_.push_back(std::move(message));
    if (bytes_ > limit)
        close();
    else
        changed_.notify();
}

void SendQueue::put_text(std::string text) {
    put({Kind::text, std::make_shared<const std::string>(std::move(text))});
}

boost::asio::awaitable<std::optional<SendQueue::Message>> SendQueue::next() {
    while (waiting_.empty() && !closed_) co_await changed_.notified_before(Clock::time_point::max());
    if (closed_) co_return std::nullopt;
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= message.bytes->size();
    co_return message;
}

void SendQueue::close() {
    if (std::exchange(closed_, true)) return;
    waiting_.clear();
    changed_.notify();
    on_close_();
}

}  // namespace mox::virtual_mox::panel
