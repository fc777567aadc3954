#pragma once

#include "programs/mox_rescue_options.hpp"

namespace mox::programs {

/// Writes a signed rescue image into the flash of this router. Returns the exit status.
[[nodiscard]] int run_nor_update(const RescueOptions& options, const NorUpdate& update);

}  // namespace mox::programs
