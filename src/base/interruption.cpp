#include "base/interruption.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

namespace mox {

namespace {

struct State {
    std::mutex mutex;
    int interruptions = 0;
    int commits = 0;
    DuringCommit during_commit = DuringCommit::refused;
    int signal = 0;  ///< the signal that requests the stop; 0: none
    std::atomic<bool> requested = false;

    /// Precondition: `mutex` is locked.
    void update() { requested = signal != 0 && commits == 0; }
};

State& state() {
    static State all;
    return all;
}

}  // namespace

Interruption::Interruption(DuringCommit during_commit) {
    auto& now = state();
    const std::lock_guard lock(now.mutex);
    ++now.interruptions;
    now.during_commit = during_commit;
}

Interruption::~Interruption() {
    auto& now = state();
    const std::lock_guard lock(now.mutex);
    --now.interruptions;
}

Expected<Commit> Commit::begin() {
    auto& now = state();
    const std::lock_guard lock(now.mutex);
    if (now.requested)
        return fail(ErrorKind::internal,
                    "stopped by " + signal_name(now.signal) + " before anything was written");
    ++now.commits;
    return Commit();
}

Commit::Commit(Commit&& other) noexcept : counts_(std::exchange(other.counts_, false)) {}

Commit& Commit::operator=(Commit&& other) noexcept {
    std::swap(counts_, other.counts_);
    return *this;
}

Commit::~Commit() {
    if (!counts_) return;
    auto& now = state();
    const std::lock_guard lock(now.mutex);
    --now.commits;
    now.update();
}

bool Commit::is_active() {
    auto& now = state();
    const std::lock_guard lock(now.mutex);
    return now.commits > 0;
}

bool stop_requested() {
    return state().requested;
}

Expected<void> fail_if_stopped() {
    if (!stop_requested()) return {};
    return fail(ErrorKind::internal, "stopped by " + signal_name(stopped_by().value_or(SIGTERM)));
}

Expected<void> pause_unless_stopped(Clock::duration length) {
    constexpr Clock::duration longest_sleep = std::chrono::milliseconds(100);
    for (const auto end = Clock::now() + length; Clock::now() < end;) {
        TRY(fail_if_stopped());
        std::this_thread::sleep_for(std::min(longest_sleep, end - Clock::now()));
    }
    return fail_if_stopped();
}

std::optional<int> stopped_by() {
    auto& now = state();
    const std::lock_guard lock(now.mutex);
    if (!now.requested) return std::nullopt;
    return now.signal;
}

std::string signal_name(int signal) {
    const char* const name = ::sigabbrev_np(signal);
    return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

SignalMeaning note_signal(int signal) {
    auto& now = state();
    const std::lock_guard lock(now.mutex);
    if (now.commits > 0 && (now.interruptions == 0 || now.during_commit == DuringCommit::refused))
        return SignalMeaning::refused;
    if (now.interruptions == 0) return SignalMeaning::end_at_once;
    if (now.signal == 0) now.signal = signal;
    now.update();
    return now.commits > 0 ? SignalMeaning::deferred : SignalMeaning::request;
}

namespace {

/// Without signals that are ignored already: by nohup, or by a shell that started this process in the
/// background.
sigset_t watched_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        struct sigaction now{};
        const bool ignored = ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
        if (!ignored) sigaddset(&signals, signal);
    }
    return signals;
}

/// Does what the signal does without this class: the process ends, unless it has a handler. No other thread
/// takes the signal, because all of them block it.
void let_through(int signal) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    (void)::kill(::getpid(), signal);
    ::pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

}  // namespace

StopSignals::StopSignals(Listener listener) : listener_(std::move(listener)) {
    (void)std::signal(SIGPIPE, SIG_IGN);
    const auto signals = watched_signals();
    signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    end_.reset(::eventfd(0, EFD_CLOEXEC));
    // Without descriptors signals have their default action.
    if (!signals_ || !end_) return;
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    watcher_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
    if (!watcher_.joinable()) return;
    const std::uint64_t one = 1;
    (void)!::write(end_.get(), &one, sizeof one);
    watcher_.join();
    const auto signals = watched_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void StopSignals::watch() {
    for (;;) {
        std::array<pollfd, 2> waiting{{{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                       {.fd = end_.get(), .events = POLLIN, .revents = 0}}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0) {
            if (errno == EINTR) continue;
            return;
        }
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
            handle(static_cast<int>(info.ssi_signo));
        if (waiting[1].revents != 0) return;
    }
}

void StopSignals::handle(int signal) {
    const auto say = [&](const std::string& line) {
        if (listener_.say) listener_.say(line);
    };
    switch (note_signal(signal)) {
        case SignalMeaning::end_at_once:
            let_through(signal);
            return;
        case SignalMeaning::request:
            if (std::exchange(stop_called_, true)) return;
            say(signal_name(signal) + ": stopping");
            if (listener_.stop) listener_.stop();
            return;
        case SignalMeaning::deferred:
            return;
        case SignalMeaning::refused:
            say(signal_name(signal) +
                " is refused: writing has begun, and half of it would be of no use. Please wait for the end");
            return;
    }
}

int exit_status_of(int signal) {
    constexpr int base = 128;
    return base + signal;
}

}  // namespace mox
