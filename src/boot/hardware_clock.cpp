#include "boot/hardware_clock.hpp"

#include <fcntl.h>
#include <linux/rtc.h>
#include <sys/ioctl.h>

#include <ctime>
#include <system_error>

#include "base/file.hpp"

namespace mox::boot {

namespace {

/// rtc_time is a struct tm without its last members (linux/rtc.h).
std::chrono::sys_seconds time_in(const rtc_time& clock) {
    std::tm time{};
    time.tm_sec = clock.tm_sec;
    time.tm_min = clock.tm_min;
    time.tm_hour = clock.tm_hour;
    time.tm_mday = clock.tm_mday;
    time.tm_mon = clock.tm_mon;
    time.tm_year = clock.tm_year;
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&time)));
}

rtc_time as_rtc_time(std::chrono::sys_seconds at) {
    const std::time_t seconds = at.time_since_epoch().count();
    std::tm time{};
    static_cast<void>(::gmtime_r(&seconds, &time));  // fails only for years that tm_year cannot hold
    rtc_time clock{};
    clock.tm_sec = time.tm_sec;
    clock.tm_min = time.tm_min;
    clock.tm_hour = time.tm_hour;
    clock.tm_mday = time.tm_mday;
    clock.tm_mon = time.tm_mon;
    clock.tm_year = time.tm_year;
    return clock;
}

}  // namespace

Expected<std::optional<std::chrono::sys_seconds>> set_hardware_clock_forward(
    std::chrono::sys_seconds earliest_possible, const std::filesystem::path& node) {
    std::error_code ignored;  // open reports it
    if (!std::filesystem::exists(node, ignored) && !ignored) return std::nullopt;
    auto device = TRY(open_file(node, O_RDONLY, ErrorKind::internal), "hardware clock");
    rtc_time clock{};
    // Reading a clock whose battery was empty fails: such a clock was never set.
    const bool is_set = ::ioctl(device.get(), RTC_RD_TIME, &clock) == 0;
    if (is_set && time_in(clock) >= earliest_possible) return time_in(clock);
    clock = as_rtc_time(earliest_possible);
    if (::ioctl(device.get(), RTC_SET_TIME, &clock) != 0)
        return fail_errno(ErrorKind::internal, "hardware clock " + node.native());
    return earliest_possible;
}

Expected<ClockWas> set_clock_forward(std::chrono::sys_seconds earliest_possible) {
    if (std::chrono::system_clock::now() >= earliest_possible) return ClockWas::right;
    timespec time{};
    time.tv_sec = static_cast<time_t>(earliest_possible.time_since_epoch().count());
    if (::clock_settime(CLOCK_REALTIME, &time) != 0)
        return fail_errno(ErrorKind::internal, "setting the clock");
    return ClockWas::behind;
}

}  // namespace mox::boot
