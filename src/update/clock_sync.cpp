#include "update/clock_sync.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/file.hpp"
#include "boot/hardware_clock.hpp"

namespace mox::update {

namespace {

/// nullopt outside of the rescue image.
std::optional<std::chrono::sys_seconds> build_time(const Context& context) {
    const auto text = read_small_file(context.system_paths.build_time, ErrorKind::internal);
    if (!text) return std::nullopt;
    long long seconds = 0;
    if (std::from_chars(text->data(), text->data() + text->size(), seconds).ec != std::errc())
        return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

}  // namespace

void advance_clock(const Context& context, std::optional<std::chrono::sys_seconds> passed) {
    const auto built = build_time(context);
    if (!built) return;
    const auto earliest = std::max(*built, passed.value_or(*built));
    const auto hardware = boot::set_hardware_clock_forward(earliest);
    if (!hardware) context.log.warning(hardware.error().describe());
    const auto now = hardware && *hardware ? **hardware : earliest;
    const auto clock = boot::set_clock_forward(now);
    if (!clock) context.log.warning(clock.error().describe());
    if (clock && *clock == boot::ClockWas::behind)
        context.log.info("the clock was behind and is set forward");
}

}  // namespace mox::update
