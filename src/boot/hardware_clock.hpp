#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/error.hpp"

namespace mox::boot {

/// Sets the hardware clock to `earliest_possible` (UTC) if it is behind that or was never set: the next
/// system starts with its time. Returns the time of the clock after that; nullopt: there is no clock. Errors
/// (`internal`): it cannot be set.
[[nodiscard]] Expected<std::optional<std::chrono::sys_seconds>> set_hardware_clock_forward(
    std::chrono::sys_seconds earliest_possible, const std::filesystem::path& node = "/dev/rtc0");

enum class ClockWas { right, behind };

/// Sets the system clock to `earliest_possible` if it is behind that. Errors (`internal`): not permitted.
[[nodiscard]] Expected<ClockWas> set_clock_forward(std::chrono::sys_seconds earliest_possible);

}  // namespace mox::boot
