#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/units.hpp"
#include "console/console_progress.hpp"
#include "led_decoder/led_reader.hpp"
#include "led_decoder/led_trace.hpp"
#include "led_decoder/rescue_state_tracker.hpp"

namespace mox::led_decoder {

/// A board's front: watches LED and button, prints the manual's table row by row as it happens, and
/// on a terminal keeps a live picture of both (and of the running step) in the last line.
/// To be used on the event loop, except where it says otherwise.
class FrontPanel {
public:
    using AnnouncementListener = std::function<void(const Announced&)>;
    using ErrorListener = std::function<void(int code)>;

    /// What all times are taken from: a board may have one of its own.
    using TimeSource = std::function<Clock::time_point()>;

    /// Power is switched on now; the LED is off, the button held down.
    FrontPanel(const boost::asio::any_io_executor& executor, console::Console& console,
               TimeSource now = Clock::now);

    /// Is told each announcement as soon as a person could have understood it.
    void set_announcement_listener(AnnouncementListener listener) { announced_ = std::move(listener); }

    /// Is told once when the LED begins to show an error code.
    void set_error_listener(ErrorListener listener) { error_ = std::move(listener); }

    void led_changed(bool lit, Clock::time_point at);
    void button_changed(bool down, Clock::time_point at);

    /// The power has come at `at` instead of at the construction of this.
    void power_came(Clock::time_point at);

    /// From `at` on the LED belongs to the rescue session.
    void rescue_begins(Clock::time_point at) { rescue_start_ = at; }

    /// From `at` on it belongs to a normal boot and the installed system: told is only the first thing that
    /// it shows, until it is booted.
    void normal_boot_begins(Clock::time_point at);

    /// A listener for the running mode's progress. May be called from any thread.
    [[nodiscard]] Progress::Listener progress_listener();

    /// Nothing more is shown; `watch` ends.
    void stop();

    /// Watches until it is stopped or cancelled.
    [[nodiscard]] boost::asio::awaitable<void> watch();

    /// Modes in the order in which the LED has announced them: 1, 2, 3, 3, 4, 4.
    [[nodiscard]] const std::vector<int>& announcements() const { return announcements_; }

private:
    void tell(const std::vector<Reading>& readings);
    [[nodiscard]] ButtonUse button_use(const Reading& reading) const;
    [[nodiscard]] Stage stage_of(const Reading& reading) const;
    void draw();
    void show_progress(const ProgressState& state);

    console::Console& console_;
    TimeSource now_;
    console::ConsoleProgress plain_progress_;
    boost::asio::steady_timer wake_up_;
    Clock::time_point power_on_;
    Clock::time_point rescue_start_ = Clock::time_point::max();
    Clock::time_point normal_boot_ = Clock::time_point::max();
    bool normal_boot_is_told_ = false;
    bool stopped_ = false;
    LedReader reader_;
    RescueStateTracker story_;
    std::vector<int> announcements_;
    AnnouncementListener announced_;
    ErrorListener error_;

    LedTrace led_strip_;
    bool led_ = false;
    bool button_ = true;
    std::vector<Clock::time_point> presses_;
    Clock::time_point first_release_ = Clock::time_point::max();

    std::mutex step_mutex_;
    std::string step_;  ///< of the running mode, as progress bar
};

}  // namespace mox::led_decoder
