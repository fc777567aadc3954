#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "panel/server/contents.hpp"

namespace mox::virtual_mox::panel {

/// Changes a good medkit with its .sig and .sha256: removes the signature, flips a bit, or signs it with a
/// key that no router trusts. Errors: `internal`, `medkit`.
[[nodiscard]] Expected<void> corrupt_medkit(const std::filesystem::path& archive, StickContent content);

}  // namespace mox::virtual_mox::panel
