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

/// Signals that are read from a descriptor (signalfd), for a program with one thread. The destructor restores
/// the former signal mask.
class SignalQueue {
public:
    /// Errors (`internal`): the kernel has no signalfd, or no file descriptor is free.
    [[nodiscard]] static Expected<SignalQueue> of(std::initializer_list<int> signals);
    SignalQueue(SignalQueue&&) = default;
    SignalQueue& operator=(SignalQueue&&) = delete;
    ~SignalQueue();

    /// Returns the next signal without waiting; nullopt: none.
    [[nodiscard]] std::optional<int> take();

    /// Becomes readable when a signal arrives; owned by this object.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    SignalQueue(UniqueFd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}

    UniqueFd fd_;
    sigset_t before_;
};

/// Waits for events of the button from any of `sources`, for the end of children and for the time, and passes
/// them to `daemon`, until SIGTERM or SIGINT ends it. Writes the queued lines of `log` as soon as its file
/// accepts them. `signals` are those two and SIGCHLD. While the button is idle it waits in one call of
/// poll(2) without a time limit: no wake-ups. Errors (`internal`): poll(2) fails.
[[nodiscard]] Expected<void> operate(std::span<board::ButtonSource* const> sources, SignalQueue& signals,
                                     EventLog& log, ButtonDaemon& daemon);

}  // namespace mox::button
