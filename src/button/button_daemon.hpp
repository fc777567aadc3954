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

/// The router in normal operation: carries out what the judge says, and knows what is under way. It does not
/// wait (that is wait_loop.hpp), so that it can always be told of the next press.
class ButtonDaemon {
public:
    /// `machine`, `light` and `log` outlive this.
    ButtonDaemon(Settings settings, SystemControl& machine, LedOverride& light, EventLog& log);
    ButtonDaemon(const ButtonDaemon&) = delete;
    ButtonDaemon& operator=(const ButtonDaemon&) = delete;
    /// Gives the LED back.
    ~ButtonDaemon();

    void on_event(const board::ButtonEvent& event) { execute(classifier_.on_event(event)); }
    void button_lost(Clock::time_point at) { execute(classifier_.lost(at)); }
    void wait_until(Clock::time_point now) { execute(classifier_.wait_until(now)); }
    [[nodiscard]] Clock::time_point next_due() const { return classifier_.next_due(); }

    /// A child process has ended; `exit_status` as a shell shows it.
    void child_ended(pid_t pid, int exit_status);

    /// Whether we may go when somebody asks us to (SIGTERM). Not while a reboot that we began is under way:
    /// its services are stopped one after the other, we perhaps among the first, and if it hangs at one of
    /// them the button is the only way out.
    [[nodiscard]] bool may_end();

private:
    enum class Work { none, reboot, factory_reset };

    void execute(const PressResults& verdicts);
    void execute(const PressResult& verdict);
    void reboot(Clock::duration held);
    void long_press(Clock::duration held);
    void factory_reset(Clock::duration held);
    void reset(std::string_view reason, Clock::duration held);
    void began(Work work, Expected<pid_t> child);
    void light(const Expected<void>& shown);

    Settings settings_;
    SystemControl& system_;
    LedOverride& led_;
    EventLog& log_;
    PressClassifier classifier_;
    Work work_ = Work::none;
    std::optional<pid_t> child_;  ///< that does the work
    bool going_down_ = false;     ///< a reboot was asked for, and nothing is known against it
};

}  // namespace mox::button
