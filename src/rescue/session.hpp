#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <span>

#include "board/button.hpp"
#include "board/error_rhythm.hpp"
#include "board/led.hpp"
#include "rescue/choose_mode.hpp"
#include "rescue/mode_table.hpp"
#include "rescue/running_light.hpp"
#include "rescue/selector.hpp"
#include "rescue/start.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// How the LED shows that a mode is running, or that it failed.
struct SessionRhythm {
    RunningRhythm running;
    board::ErrorRhythm error;
};

/// How the session begins, and its timing.
struct SessionStart {
    rescue::Start start;
    rescue::Timing timing = {};
    SessionRhythm rhythm = {};
    rescue::Now now = &Clock::now;
};

/// Receives the events of the session, to show them as text: those of the selection first, then those of the
/// mode.
class SessionObserver : public rescue::SelectionObserver {
public:
    virtual void executing(boot::Mode mode) = 0;
    /// A press while the mode must not be interrupted.
    virtual void press_ignored() = 0;
    /// The mode has ended; the LED still ends its rhythm. `succeeded` or `failed` follows.
    virtual void mode_ended() {}
    virtual void succeeded(ModeOutcome outcome) = 0;
    /// The LED shows `led_code(error.kind())` until a press.
    virtual void failed(const Error& error) = 0;
};

/// One whole rescue session: selection (or the forced mode), execution with the LED blinking slowly, and on
/// failure the code of the error on the LED until a press, which requests a reboot. The slow blinking begins
/// and ends as RunningLight says; after a success the LED is lit for a moment. A mode without an entry
/// in `modes` is an error (`internal`) with a message about that. If the entry of the mode allows it, a drive
/// that is plugged in while the LED shows error 2 starts the mode again.
///
/// A mode that the boot environment forces is counted there first (restart_marker.hpp); after three tries,
/// and if it cannot be counted, the user selects a mode instead.
///
/// Presses during execution are ignored and logged once, except if the entry of the mode says that they
/// reboot. A missing LED or button and LED errors do not stop a rescue, and nothing waits for a LED whose
/// state cannot be read. It does not reboot: the caller acts
/// on the result, which is always `stay` with `start.dont_reboot`. `observer` may be null.
[[nodiscard]] boost::asio::awaitable<ModeOutcome> run_rescue_session(board::Led& led, board::Button& button,
                                                                     update::Context& context,
                                                                     std::span<const ModeEntry> modes,
                                                                     const SessionStart& start,
                                                                     SessionObserver* observer);

}  // namespace mox::rescue
