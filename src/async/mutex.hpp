#pragma once

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "async/event.hpp"

namespace mox::async {

/// One coroutine at a time. On one event loop only; outlives those that wait.
class Mutex {
public:
    /// The turn, until the end of the scope.
    class Lock {
    public:
        explicit Lock(Mutex& turn) : turn_(&turn) {}
        Lock(Lock&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
        Lock& operator=(Lock&&) = delete;
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;
        ~Lock() {
            if (turn_ != nullptr) turn_->give_back();
        }

    private:
        Mutex* turn_;
    };

    /// Waits until it is free.
    [[nodiscard]] boost::asio::awaitable<Lock> lock() {
        while (busy_) co_await bell_.notified_before(Clock::time_point::max());
        busy_ = true;
        co_return Lock(*this);
    }

private:
    void give_back() {
        busy_ = false;
        bell_.notify();
    }

    bool busy_ = false;
    Event bell_;
};

}  // namespace mox::async
