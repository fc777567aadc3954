#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace mox::virtual_mox::panel {

/// Changes a card with an installed system as a failed update does: there is the snapshot from before (@1, of
/// type "pre"), and the system has no kernel, so that the boot loader cannot start it. Modes 2, 3 and 4
/// repair it. Errors: `card`.
[[nodiscard]] Expected<void> break_system(const std::filesystem::path& card);

}  // namespace mox::virtual_mox::panel
