#pragma once

#include "programs/mox_rescue_options.hpp"

namespace mox::programs {

/// The rescue as on the device: LED, button, selection, mode, reboot. Returns only when the system is to stay
/// up (`dont_reboot`) or cannot reboot: the exit status.
[[nodiscard]] int run_device_session(const RescueOptions& options, const RescueSession& session);

}  // namespace mox::programs
