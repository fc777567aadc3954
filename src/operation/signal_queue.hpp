#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::operation {

/// Signals as something to read instead of an interruption (signalfd). For the whole life of a program with
/// one thread: afterwards the signals have their old effect again.
class SignalQueue {
public:
    /// Errors (`internal`): the kernel has no signalfd, or there is no file descriptor left.
    [[nodiscard]] static Expected<SignalQueue> of(std::initializer_list<int> signals);
    SignalQueue(SignalQueue&&) = default;
    SignalQueue& operator=(SignalQueue&&) = delete;
    ~SignalQueue();

    /// The next signal that has arrived, without waiting.
    [[nodiscard]] std::optional<int> take();

    /// Becomes readable when a signal arrives; owned by this.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    SignalQueue(UniqueFd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}

    UniqueFd fd_;
    sigset_t before_;
};

}  // namespace mox::operation
