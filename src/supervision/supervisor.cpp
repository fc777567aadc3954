#include "supervision/supervisor.hpp"

#include <algorithm>

namespace mox::supervision {

Verdict Supervisor::died(Clock::time_point at) {
    deaths_.push_back(at);
    // Older ones can never count again.
    if (deaths_.size() > rules_.deaths) deaths_.pop_front();
    return recent_deaths(at) < rules_.deaths ? Verdict::start_again : Verdict::give_up;
}

std::size_t Supervisor::recent_deaths(Clock::time_point at) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(deaths_, [&](auto death) { return at - death <= rules_.within; }));
}

bool Supervisor::is_well(Clock::time_point at) const {
    return left_to_person_ || (last_sign_ != Clock::time_point::min() && at - last_sign_ <= rules_.patience);
}

}  // namespace mox::supervision
