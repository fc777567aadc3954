#pragma once

#include <chrono>

#include "base/error.hpp"

namespace mox::boot {

enum class ClockWas { right, behind };

/// Sets the system's clock to `earliest_possible` if it is behind that. Errors (`internal`): not permitted.
[[nodiscard]] Expected<ClockWas> set_clock_forward(std::chrono::sys_seconds earliest_possible);

}  // namespace mox::boot
