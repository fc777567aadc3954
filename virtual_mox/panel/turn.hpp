#pragma once

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "virtual_mox/bell.hpp"

namespace mox::virtual_mox::panel {

/// One coroutine at a time. On one event loop only; outlives those that wait.
class Turn {
public:
    /// The turn, until the end of the scope.
    class Taken {
    public:
        explicit Taken(Turn& turn) : turn_(&turn) {}
        Taken(Taken&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
        Taken& operator=(Taken&&) = delete;
        Taken(const Taken&) = delete;
        Taken& operator=(const Taken&) = delete;
        ~Taken() {
            if (turn_ != nullptr) turn_->give_back();
        }

    private:
        Turn* turn_;
    };

    /// Waits until it is free.
    [[nodiscard]] boost::asio::awaitable<Taken> taken() {
        while (busy_) co_await bell_.heard_before(Clock::time_point::max());
        busy_ = true;
        co_return Taken(*this);
    }

private:
    void give_back() {
        busy_ = false;
        bell_.ring();
    }

    bool busy_ = false;
    Bell bell_;
};

}  // namespace mox::virtual_mox::panel
