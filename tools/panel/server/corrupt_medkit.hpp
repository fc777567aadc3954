#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "panel/server/contents.hpp"

namespace mox::virtual_mox::panel {

/// Makes a good medkit, with its .sig and .sha256 beside it, one of another kind: without a signature, with a
/// wrong bit, or signed by somebody whom no router knows. Errors: `internal`, `medkit`.
[[nodiscard]] Expected<void> spoil_medkit(const std::filesystem::path& archive, StickContent content);

}  // namespace mox::virtual_mox::panel
