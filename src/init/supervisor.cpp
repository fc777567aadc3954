#include "init/supervisor.hpp"

#include <algorithm>

namespace mox::init {

RestartDecision Supervisor::died(Clock::time_point at) {
    deaths_.push_back(at);
    // Older ones cannot count any more.
    if (deaths_.size() > rules_.deaths) deaths_.pop_front();
    return recent_deaths(at) < rules_.deaths ? RestartDecision::start_again : RestartDecision::give_up;
}

std::size_t Supervisor::recent_deaths(Clock::time_point at) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(deaths_, [&](auto death) { return at - death <= rules_.within; }));
}

bool Supervisor::is_healthy(Clock::time_point at) const {
    return disabled_ ||
           (last_heartbeat_ != Clock::time_point::min() && at - last_heartbeat_ <= rules_.timeout);
}

}  // namespace mox::init
