#pragma once

#include <chrono>
#include <deque>

#include "base/units.hpp"

namespace mox::init {

struct SupervisionRules {
    /// The rescue program counts as healthy for this time after its last heartbeat. It sends one each second.
    Clock::duration timeout = std::chrono::seconds(10);
    /// After this many deaths within this time it is not started again.
    std::size_t deaths = 3;
    Clock::duration within = std::chrono::seconds(60);
};

enum class RestartDecision { start_again, give_up };

/// Decides whether the watchdog may be fed and whether the rescue program is started again. Pure: it gets
/// events with times, in the order of time.
class Supervisor {
public:
    explicit Supervisor(const SupervisionRules& rules = {}) : rules_(rules) {}

    /// The program starts. This counts as a heartbeat, so that the program has time to send the first one.
    void started(Clock::time_point at) { last_heartbeat_ = at; }

    void on_heartbeat(Clock::time_point at) { last_heartbeat_ = at; }

    /// The program died.
    [[nodiscard]] RestartDecision died(Clock::time_point at);

    /// How many of the last deaths still count at `at`.
    [[nodiscard]] std::size_t recent_deaths(Clock::time_point at) const;

    /// Ends the supervision: the watchdog is always fed, because the user now controls the board by console
    /// or button.
    void disable() { disabled_ = true; }

    /// Whether the watchdog may be fed at `at`.
    [[nodiscard]] bool is_healthy(Clock::time_point at) const;

private:
    SupervisionRules rules_;
    Clock::time_point last_heartbeat_ = Clock::time_point::min();
    std::deque<Clock::time_point> deaths_;
    bool disabled_ = false;
};

}  // namespace mox::init
