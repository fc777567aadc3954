#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <span>

#include "board/button.hpp"
#include "board/error_rhythm.hpp"
#include "board/led.hpp"
#include "rescue/choose_mode.hpp"
#include "rescue/mode_table.hpp"
#include "rescue/selector.hpp"
#include "rescue/start.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// How the LED says that a mode is running, or that it failed.
struct SessionRhythm {
    /// "Router will start blinking during execution": slow, by the kernel.
    std::chrono::milliseconds working_on{500};
    std::chrono::milliseconds working_off{500};

    board::ErrorRhythm error;
};

/// How the session begins, and how fast it goes.
struct SessionStart {
    rescue::Start start;
    rescue::Timing timing = {};
    SessionRhythm rhythm = {};
    rescue::Now now = &Clock::now;
};

/// Is told what happens, for whoever shows it in words. Selection first, then the mode.
class SessionObserver : public rescue::SelectionObserver {
public:
    virtual void executing(boot::Mode mode) = 0;
    /// A press while the mode must not be disturbed.
    virtual void press_ignored() = 0;
    virtual void succeeded(ModeOutcome afterwards) = 0;
    /// The LED shows `led_code(error.kind())` until a press.
    virtual void failed(const Error& error) = 0;
};

/// One rescue from LED on to the end: selection (or the forced mode), execution with the LED blinking slowly,
/// and on failure the error's code on the LED until a press, which asks for a reboot. A mode without an entry
/// in `modes` is an error (`internal`) that says so. Where the mode's entry says so, a drive that is plugged
/// in while the LED shows error 2 is a new try: the person chose the mode, and has brought what was missing.
///
/// A mode that the boot environment forces is counted there first (restart_marker.hpp); after three tries,
/// and when it cannot be counted, there is the selection instead.
///
/// Presses during execution are ignored, and logged once, except where the mode's entry says that they
/// reboot. No LED, no button and LED errors never stop a rescue. Never reboots by itself: the caller does
/// what is returned, which with `start.dont_reboot` is always `stay`. `observer` may be null.
[[nodiscard]] boost::asio::awaitable<ModeOutcome> run_rescue_session(board::Led& led, board::Button& button,
                                                                     update::Context& context,
                                                                     std::span<const ModeEntry> modes,
                                                                     const SessionStart& start,
                                                                     SessionObserver* observer);

}  // namespace mox::rescue
