#include "base/interruption.hpp"

#include <atomic>
#include <csignal>
#include <cstring>
#include <mutex>
#include <utility>

namespace mox {

namespace {

struct State {
    std::mutex mutex;
    int interruptions = 0;
    int commits = 0;
    DuringCommit during_commit = DuringCommit::refused;
    int signal = 0;  ///< that has asked to stop; 0: none
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

}  // namespace mox
