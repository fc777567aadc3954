#pragma once

#include "base/error.hpp"
#include "modes/mode_context.hpp"
#include "storage/drive.hpp"

namespace mox::modes {

/// The router's card. Errors (`card`): there is none in the slot.
[[nodiscard]] Expected<storage::Drive> card_in_slot(ModeContext& context);

}  // namespace mox::modes
