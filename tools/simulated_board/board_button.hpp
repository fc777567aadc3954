#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>

#include "board/button.hpp"

namespace mox::simulated_board {

/// The simulated board's button: the user model or the keyboard presses and releases it. For use on the event
/// loop only.
class BoardButton final : public board::Button {
public:
    using Listener = std::function<void(bool down, Clock::time_point at)>;

    BoardButton(const boost::asio::any_io_executor& executor, Listener listener)
        : bell_(executor), listener_(std::move(listener)) {}

    /// Does nothing when the button is already down (or up).
    void press();
    void release();

    [[nodiscard]] bool is_down() override;
    [[nodiscard]] boost::asio::awaitable<std::optional<board::ButtonEvent>> edge_before(
        Clock::time_point deadline) override;

    /// The program that reads the button starts now: it gets only events from now on.
    void forget_edges() { edges_.clear(); }

private:
    void change(bool down);

    boost::asio::steady_timer bell_;
    Listener listener_;
    bool down_ = false;
    std::deque<board::ButtonEvent> edges_;
};

}  // namespace mox::simulated_board
