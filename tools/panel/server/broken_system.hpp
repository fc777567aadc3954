#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace mox::virtual_mox::panel {

/// Does to a card with an installed system what an update does that goes wrong: the snapshot from before it
/// is there (@1, of type "pre"), and the system has lost its kernel, so that the boot loader finds nothing to
/// start. Modes 2, 3 and 4 all help. Errors: `card`.
[[nodiscard]] Expected<void> break_system(const std::filesystem::path& card);

}  // namespace mox::virtual_mox::panel
