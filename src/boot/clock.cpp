#include "boot/clock.hpp"

#include <ctime>

namespace mox::boot {

Expected<ClockWas> set_clock_forward(std::chrono::sys_seconds earliest_possible) {
    if (std::chrono::system_clock::now() >= earliest_possible) return ClockWas::right;
    timespec time{};
    time.tv_sec = static_cast<time_t>(earliest_possible.time_since_epoch().count());
    if (::clock_settime(CLOCK_REALTIME, &time) != 0)
        return fail_errno(ErrorKind::internal, "setting the clock");
    return ClockWas::behind;
}

}  // namespace mox::boot
