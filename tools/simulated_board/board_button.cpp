#include "simulated_board/board_button.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mox::simulated_board {

void BoardButton::press() {
    change(true);
}

void BoardButton::release() {
    change(false);
}

bool BoardButton::is_down() {
    return down_;
}

boost::asio::awaitable<std::optional<board::ButtonEvent>> BoardButton::edge_before(
    Clock::time_point deadline) {
    if (edges_.empty()) {
        bell_.expires_at(deadline);
        co_await bell_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    if (edges_.empty()) co_return std::nullopt;
    const auto edge = edges_.front();
    edges_.pop_front();
    co_return edge;
}

void BoardButton::change(bool down) {
    if (down == down_) return;
    down_ = down;
    const auto now = Clock::now();
    edges_.push_back({down ? board::ButtonEdge::pressed : board::ButtonEdge::released, now});
    bell_.cancel();
    listener_(down, now);
}

}  // namespace mox::simulated_board
