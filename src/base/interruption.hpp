#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox {

// When a signal of a user, a terminal or a session (SIGINT, SIGTERM, SIGHUP, SIGQUIT) may end this process.
// Signals belong to the process, and so does this state. StopSignals watches the signals; without it, all of
// this has no effect.
//
//   at first            a signal ends the process at once, or does what its handler does
//   in an Interruption  it is a request: stop_requested() becomes true, and work ends where it asks
//   in a Commit         it is refused, because something would be left half done

/// What a signal does that arrives in a Commit inside an Interruption.
enum class DuringCommit {
    refused,   ///< a message tells the user, who has to send it again
    deferred,  ///< it is a request as soon as the commit is over
};

/// While an Interruption exists, a signal requests that the work of this process ends cleanly.
class Interruption {
public:
    explicit Interruption(DuringCommit during_commit = DuringCommit::refused);
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
};

/// While a Commit exists, signals are refused: from the first write to the end of a change. Commits may be
/// nested, and may end on another thread than they began on.
class Commit {
public:
    /// Errors (`internal`): a signal has requested a stop before.
    [[nodiscard]] static Expected<Commit> begin();

    Commit(Commit&& other) noexcept;
    Commit& operator=(Commit&& other) noexcept;
    Commit(const Commit&) = delete;
    Commit& operator=(const Commit&) = delete;
    ~Commit();

    /// Whether a Commit exists.
    [[nodiscard]] static bool is_active();

private:
    Commit() = default;

    bool counts_ = true;
};

/// Whether a signal has requested a stop in an Interruption. Cheap: for inner loops.
[[nodiscard]] bool stop_requested();

/// Errors (`internal`): stop_requested() is true; with the signal's name.
[[nodiscard]] Expected<void> fail_if_stopped();

/// Waits for `length`. Errors: those of fail_if_stopped, at most a tenth of a second after the signal.
[[nodiscard]] Expected<void> pause_unless_stopped(Clock::duration length);

/// The signal that has requested a stop; nullopt: none.
[[nodiscard]] std::optional<int> stopped_by();

/// "SIGINT"
[[nodiscard]] std::string signal_name(int signal);

/// What a signal means now. StopSignals calls note_signal(), which records the signal.
enum class SignalMeaning { end_at_once, request, deferred, refused };
[[nodiscard]] SignalMeaning note_signal(int signal);

/// Watches SIGINT, SIGTERM, SIGHUP and SIGQUIT of this process and handles them as the table above states.
/// SIGPIPE is ignored: when the reader closes a pipe, the write returns an error and the process goes on. A
/// signal that is ignored already (nohup) stays ignored. Child processes do not inherit any of this
/// (run_child).
///
/// Precondition: created in main before any other thread, one at a time.
class StopSignals {
public:
    struct Listener {
        /// In an Interruption: stops the work. Called on the thread of StopSignals, at most once.
        std::function<void()> stop{};
        /// Prints a line for the user. Called on the thread of StopSignals.
        std::function<void(std::string_view line)> say{};
    };

    explicit StopSignals(Listener listener);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

private:
    void watch();
    void handle(int signal);

    Listener listener_;
    bool stop_called_ = false;
    UniqueFd signals_;
    UniqueFd end_;
    std::thread watcher_;
};

/// Exit status of a process that a signal has stopped, as a shell shows it: 128 + signal.
[[nodiscard]] int exit_status_of(int signal);

}  // namespace mox
