#pragma once

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "async/event.hpp"

namespace mox::async {

/// One coroutine holds it at a time. For one event loop only; outlives the coroutines that wait.
class Mutex {
public:
    /// Holds the mutex until the end of the scope.
    class Lock {
    public:
        explicit Lock(Mutex& mutex) : mutex_(&mutex) {}
        Lock(Lock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
        Lock& operator=(Lock&&) = delete;
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;
        ~Lock() {
            if (mutex_ != nullptr) mutex_->unlock();
        }

    private:
        Mutex* mutex_;
    };

    /// Waits until it is free.
    [[nodiscard]] boost::asio::awaitable<Lock> lock() {
        while (busy_) co_await unlocked_.notified_before(Clock::time_point::max());
        busy_ = true;
        co_return Lock(*this);
    }

private:
    void unlock() {
        busy_ = false;
        unlocked_.notify();
    }

    bool busy_ = false;
    Event unlocked_;
};

}  // namespace mox::async
