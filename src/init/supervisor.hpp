#pragma once

#include <chrono>
#include <deque>

#include "base/units.hpp"

namespace mox::init {

struct SupervisionRules {
    /// So long after its last sign of life the rescue program counts as well. It gives one a second.
    Clock::duration timeout = std::chrono::seconds(10);
    /// So many deaths within this time are too many: it would only die again.
    std::size_t deaths = 3;
    Clock::duration within = std::chrono::seconds(60);
};

enum class RestartDecision { start_again, give_up };

/// Judges the rescue program: may the watchdog be fed, is it to be started again? Pure: it is told what
/// happened and when, in the order of time.
class Supervisor {
public:
    explicit Supervisor(const SupervisionRules& rules = {}) : rules_(rules) {}

    /// The program starts; that counts as a sign of life, so that it has time to give the first one.
    void started(Clock::time_point at) { last_heartbeat_ = at; }

    void on_heartbeat(Clock::time_point at) { last_heartbeat_ = at; }

    /// The program died.
    [[nodiscard]] RestartDecision died(Clock::time_point at);

    /// How many of the last deaths still count at `at`.
    [[nodiscard]] std::size_t recent_deaths(Clock::time_point at) const;

    /// Nobody is to be judged any more: whoever is at the console or holds the button has the board now.
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
