#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

#include "button/event_log.hpp"
#include "button/led_override.hpp"
#include "button/press_classifier.hpp"
#include "button/settings.hpp"
#include "button/system_control.hpp"

namespace mox::button {

/// Handles the button of a router in normal operation: executes the results of PressClassifier, and tracks
/// the reboot or factory reset that runs. It does not wait (poll_loop.hpp does), so that it can always handle
/// the next press.
class ButtonDaemon {
public:
    /// `system`, `led` and `log` outlive this object.
    ButtonDaemon(Settings settings, SystemControl& system, LedOverride& led, EventLog& log);
    ButtonDaemon(const ButtonDaemon&) = delete;
    ButtonDaemon& operator=(const ButtonDaemon&) = delete;
    /// Restores the LED.
    ~ButtonDaemon();

    void on_event(const board::ButtonEvent& event) { execute(classifier_.on_event(event)); }
    void button_lost(Clock::time_point at) { execute(classifier_.lost(at)); }
    void wait_until(Clock::time_point now) { execute(classifier_.wait_until(now)); }
    [[nodiscard]] Clock::time_point next_due() const { return classifier_.next_due(); }

    /// A child process has ended; `exit_status` as a shell shows it.
    void child_ended(pid_t pid, int exit_status);

    /// Whether the program may end at SIGTERM. It must not while a reboot that it began runs: the reboot
    /// stops services one after the other, perhaps this one first, and if it hangs the button is the only way
    /// to reset.
    [[nodiscard]] bool may_end();

private:
    enum class Work { none, reboot, factory_reset };

    void execute(const PressResults& results);
    void execute(const PressResult& result);
    void reboot(Clock::duration held);
    void long_press(Clock::duration held);
    void factory_reset(Clock::duration held);
    void reset(std::string_view reason, Clock::duration held);
    void began(Work work, Expected<pid_t> child);
    void log_led_error(const Expected<void>& result);

    Settings settings_;
    SystemControl& system_;
    LedOverride& led_;
    EventLog& log_;
    PressClassifier classifier_;
    Work work_ = Work::none;
    std::optional<pid_t> child_;  ///< the process that does the work
    bool going_down_ = false;     ///< a reboot was started and has not failed
};

}  // namespace mox::button
