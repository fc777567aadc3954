#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "board/button_source.hpp"
#include "button/button_daemon.hpp"
#include "button/event_log.hpp"

namespace mox::button {

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

/// Waits for the button, which any of `sources` may tell of, for children and for the time, and tells
/// `operation`, until SIGTERM or SIGINT ends it. Writes what waits in `log`. `signals` are those two and
/// SIGCHLD. One call of poll(2) without a time limit while nothing is under way: no wake-ups. Errors
/// (`internal`): poll(2) fails.
[[nodiscard]] Expected<void> operate(std::span<board::ButtonSource* const> sources, SignalQueue& signals,
                                     EventLog& log, ButtonDaemon& operation);

}  // namespace mox::button
