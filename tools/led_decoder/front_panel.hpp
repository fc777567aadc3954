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

/// Watches LED and button of a board, prints the manual's table row by row, and on a terminal shows both (and
/// the running step) in the last line. For use on the event loop, unless stated otherwise.
class FrontPanel {
public:
    using AnnouncementListener = std::function<void(const Announced&)>;
    using ErrorListener = std::function<void(int code)>;

    /// The clock of all times: a board may have its own.
    using TimeSource = std::function<Clock::time_point()>;

    /// The power is switched on now; the LED is off, the button is held.
    FrontPanel(const boost::asio::any_io_executor& executor, console::Console& console,
               TimeSource now = Clock::now);

    /// Is called with each announcement as soon as a user can have read it.
    void set_announcement_listener(AnnouncementListener listener) { announced_ = std::move(listener); }

    /// Is called once when the LED begins to show an error code.
    void set_error_listener(ErrorListener listener) { error_ = std::move(listener); }

    void led_changed(bool lit, Clock::time_point at);
    void button_changed(bool down, Clock::time_point at);

    /// The power was switched on at `at`, not at the construction of this object.
    void power_came(Clock::time_point at);

    /// From `at` on the rescue session drives the LED.
    void rescue_begins(Clock::time_point at) { rescue_start_ = at; }

    /// From `at` on a normal boot and the installed system drive the LED: only its first reading is printed.
    void normal_boot_begins(Clock::time_point at);

    /// A listener for the running mode's progress. May be called from any thread.
    [[nodiscard]] Progress::Listener progress_listener();

    /// Stops the output; `watch` ends.
    void stop();

    /// Watches until it is stopped or cancelled.
    [[nodiscard]] boost::asio::awaitable<void> watch();

    /// The modes in the order of their announcements by the LED: 1, 2, 3, 3, 4, 4.
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
