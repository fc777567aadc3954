#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"

namespace mox {

// When this process may be ended by a signal that a user, a terminal or a session sends (SIGINT, SIGTERM,
// SIGHUP, SIGQUIT). Signals belong to the process, and so does this state. The watcher of the signals is
// base/stop_signals.hpp; without one, all of this has no effect.
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

}  // namespace mox
