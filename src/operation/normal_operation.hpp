#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

#include "operation/borrowed_light.hpp"
#include "operation/event_log.hpp"
#include "operation/machine.hpp"
#include "operation/press_judge.hpp"
#include "operation/settings.hpp"

namespace mox::operation {

/// The router in normal operation: carries out what the judge says, and knows what is under way. It does not
/// wait (that is wait_loop.hpp), so that it can always be told of the next press.
class NormalOperation {
public:
    /// `machine`, `light` and `log` outlive this.
    NormalOperation(Settings settings, Machine& machine, BorrowedLight& light, EventLog& log);
    NormalOperation(const NormalOperation&) = delete;
    NormalOperation& operator=(const NormalOperation&) = delete;
    /// Gives the LED back.
    ~NormalOperation();

    void tell(const board::ButtonEvent& event) { carry_out(judge_.tell(event)); }
    void button_lost(Clock::time_point at) { carry_out(judge_.lost(at)); }
    void wait_until(Clock::time_point now) { carry_out(judge_.wait_until(now)); }
    [[nodiscard]] Clock::time_point next_due() const { return judge_.next_due(); }

    /// A child process has ended; `exit_status` as a shell shows it.
    void child_ended(pid_t pid, int exit_status);

    /// Whether we may go when somebody asks us to (SIGTERM). Not while a reboot that we began is under way:
    /// its services are stopped one after the other, we perhaps among the first, and if it hangs at one of
    /// them the button is the only way out.
    [[nodiscard]] bool may_end();

private:
    enum class Work { none, reboot, factory_reset };

    void carry_out(const Verdicts& verdicts);
    void carry_out(const Verdict& verdict);
    void reboot(Clock::duration held);
    void long_press(Clock::duration held);
    void factory_reset(Clock::duration held);
    void reset(std::string_view reason, Clock::duration held);
    void began(Work work, Expected<pid_t> child);
    void light(const Expected<void>& shown);

    Settings settings_;
    Machine& machine_;
    BorrowedLight& light_;
    EventLog& log_;
    PressJudge judge_;
    Work work_ = Work::none;
    std::optional<pid_t> child_;  ///< that does the work
    bool going_down_ = false;     ///< a reboot was asked for, and nothing is known against it
};

}  // namespace mox::operation
