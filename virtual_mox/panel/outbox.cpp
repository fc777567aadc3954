#include "virtual_mox/panel/outbox.hpp"

#include <utility>

namespace mox::virtual_mox::panel {

void Outbox::put(Message message) {
    if (closed_) return;
    bytes_ += message.bytes->size();
    waiting_.push_back(std::move(message));
    if (bytes_ > limit)
        close();
    else
        bell_.ring();
}

void Outbox::put_text(std::string text) {
    put({Kind::text, std::make_shared<const std::string>(std::move(text))});
}

boost::asio::awaitable<std::optional<Outbox::Message>> Outbox::next() {
    while (waiting_.empty() && !closed_) co_await bell_.heard_before(Clock::time_point::max());
    if (closed_) co_return std::nullopt;
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= message.bytes->size();
    co_return message;
}

void Outbox::close() {
    if (std::exchange(closed_, true)) return;
    waiting_.clear();
    bell_.ring();
    on_close_();
}

}  // namespace mox::virtual_mox::panel
