#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox {

// When this process may be ended by a signal that a user, a terminal or a session sends (SIGINT, SIGTERM,
// SIGHUP, SIGQUIT). Signals belong to the process, and so does this state. The watcher of the signals is
// base/interruption.hpp; without one, all of this has no effect.
//
//   at first            a signal ends the process at once, or does what its handler does
//   in an Interruption  it is a request: stop_requested() becomes true, and work ends where it asks
//   in a Commit         it is refused, because something would be left half done

/// What becomes of a signal that comes in a Commit inside an Interruption.
enum class DuringCommit {
    refused,   ///< the user is told, and has to ask again
    deferred,  ///< it is a request as soon as the commit is over
};

/// While it lives, the work of this process ends cleanly when a signal asks for it.
class Interruption {
public:
    explicit Interruption(DuringCommit during_commit = DuringCommit::refused);
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
};

/// While it lives, signals are refused: from the first write to the end of a change. May be nested, and may
/// end on another thread than it began on.
class Commit {
public:
    /// Errors (`internal`): a signal has asked to stop before.
    [[nodiscard]] static Expected<Commit> begin();

    Commit(Commit&& other) noexcept;
    Commit& operator=(Commit&& other) noexcept;
    Commit(const Commit&) = delete;
    Commit& operator=(const Commit&) = delete;
    ~Commit();

    /// Whether there is one.
    [[nodiscard]] static bool is_active();

private:
    Commit() = default;

    bool counts_ = true;
};

/// Whether a signal has asked the present Interruption to end. Cheap: for inner loops.
[[nodiscard]] bool stop_requested();

/// Errors (`internal`): stop_requested(), with the signal's name.
[[nodiscard]] Expected<void> fail_if_stopped();

/// The signal that has asked to stop, when one has.
[[nodiscard]] std::optional<int> stopped_by();

/// "SIGINT"
[[nodiscard]] std::string signal_name(int signal);

/// What a signal means now; for the watcher, which tells this state about it.
enum class SignalMeaning { end_at_once, request, deferred, refused };
[[nodiscard]] SignalMeaning note_signal(int signal);

/// Watches SIGINT, SIGTERM, SIGHUP and SIGQUIT of this process and does with them what base/interruption.hpp
/// says. SIGPIPE is ignored: a reader that goes away is an error of the write, never the end of the process.
/// One that is ignored already (nohup) stays ignored. Child processes see none of this (run_child).
///
/// Precondition: made in main before any other thread, one at a time.
class StopSignals {
public:
    struct Listener {
        /// In an Interruption: stop waiting. Called on a thread of its own, at most once.
        std::function<void()> stop{};
        /// A line for the user. Called on a thread of its own.
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

/// Exit status of a process that a signal has stopped, as a shell shows it.
[[nodiscard]] int exit_status_of(int signal);

}  // namespace mox
