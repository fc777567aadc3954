#include "button/poll_loop.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <variant>
#include <vector>

namespace mox::button {

namespace {

void take_from_button(board::ButtonSource& button, ButtonDaemon& daemon) {
    for (;;) {
        const auto taken = button.take();
        if (const auto* event = std::get_if<board::ButtonEvent>(&taken))
            daemon.on_event(*event);
        else if (std::holds_alternative<board::ButtonSource::Lost>(taken))
            daemon.button_lost(Clock::now());
        else
            return;
    }
}

void reap_children(ButtonDaemon& daemon) {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
        daemon.child_ended(pid, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

enum class Next { go_on, end };

Next take_signals(SignalQueue& signals, ButtonDaemon& daemon) {
    while (const auto signal = signals.take()) {
        if (*signal == SIGCHLD)
            reap_children(daemon);
        else if (daemon.may_end())
            return Next::end;
    }
    return Next::go_on;
}

/// How long poll may wait; nullopt: without a limit.
std::optional<timespec> time_left(Clock::time_point due) {
    if (due == Clock::time_point::max()) return std::nullopt;
    const auto left = std::max(due - Clock::now(), Clock::duration::zero());
    const auto whole = std::chrono::floor<std::chrono::seconds>(left);
    return timespec{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
}

}  // namespace

Expected<void> operate(std::span<board::ButtonSource* const> sources, SignalQueue& signals, EventLog& log,
                       ButtonDaemon& daemon) {
    for (const auto* button : sources)
        if (button->is_down()) daemon.on_event({board::ButtonEdge::found_held, Clock::now()});
    std::vector<pollfd> polled;
    for (;;) {
        // Events come before what is due: they have their own times.
        for (auto* button : sources) take_from_button(*button, daemon);
        daemon.wait_until(Clock::now());
        if (take_signals(signals, daemon) == Next::end) return {};

        log.flush();

        // poll ignores the descriptor -1: a button that will never exist, a log with an empty queue.
        polled.assign({{.fd = signals.fd(), .events = POLLIN, .revents = 0},
                       {.fd = log.waiting_fd(), .events = POLLOUT, .revents = 0}});
        for (const auto* button : sources)
            polled.push_back({.fd = button->fd(), .events = POLLIN, .revents = 0});
        const auto left = time_left(daemon.next_due());
        if (::ppoll(polled.data(), polled.size(), left ? &*left : nullptr, nullptr) < 0 && errno != EINTR)
            return fail_errno(ErrorKind::internal, "poll");
    }
}

Expected<SignalQueue> SignalQueue::of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    UniqueFd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd) return fail_errno(ErrorKind::internal, "signalfd");
    sigset_t before;
    if (::sigprocmask(SIG_BLOCK, &set, &before) != 0) return fail_errno(ErrorKind::internal, "signals");
    return SignalQueue(std::move(fd), before);
}

SignalQueue::~SignalQueue() {
    if (fd_) ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> SignalQueue::take() {
    signalfd_siginfo information{};
    if (::read(fd_.get(), &information, sizeof information) != ssize_t{sizeof information})
        return std::nullopt;
    return static_cast<int>(information.ssi_signo);
}

}  // namespace mox::button
