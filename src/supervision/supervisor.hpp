#pragma once

#include <chrono>
#include <deque>

#include "base/units.hpp"

namespace mox::supervision {

struct SupervisionRules {
    /// So long after its last sign of life the rescue program counts as well. It gives one a second.
    Clock::duration patience = std::chrono::seconds(10);
    /// So many deaths within this time are too many: it would only die again.
    std::size_t deaths = 3;
    Clock::duration within = std::chrono::seconds(60);
};

enum class Verdict { start_again, give_up };

/// Judges the rescue program: may the watchdog be fed, is it to be started again? Pure: it is told what
/// happened and when, in the order of time.
class Supervisor {
public:
    explicit Supervisor(const SupervisionRules& rules = {}) : rules_(rules) {}

    /// The program starts; that counts as a sign of life, so that it has time to give the first one.
    void started(Clock::time_point at) { last_sign_ = at; }

    void gave_sign_of_life(Clock::time_point at) { last_sign_ = at; }

    /// The program died.
    [[nodiscard]] Verdict died(Clock::time_point at);

    /// How many of the last deaths still count at `at`.
    [[nodiscard]] std::size_t recent_deaths(Clock::time_point at) const;

    /// Nobody is to be judged any more: whoever is at the console or holds the button has the board now.
    void leave_to_person() { left_to_person_ = true; }

    /// Whether the watchdog may be fed at `at`.
    [[nodiscard]] bool is_well(Clock::time_point at) const;

private:
    SupervisionRules rules_;
    Clock::time_point last_sign_ = Clock::time_point::min();
    std::deque<Clock::time_point> deaths_;
    bool left_to_person_ = false;
};

}  // namespace mox::supervision
