#pragma once

#include "cli/mox_rescue/options.hpp"

namespace mox::cli {

/// Writes a signed rescue image into the flash of this router. Returns the exit status.
[[nodiscard]] int run_nor_update(const RescueOptions& options, const NorUpdate& update);

}  // namespace mox::cli
