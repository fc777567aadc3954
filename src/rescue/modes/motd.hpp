#pragma once

#include <filesystem>
#include <string>

#include "board/description.hpp"

namespace mox::rescue {

/// What somebody reads who opens a shell in the rescue system: where he is, what can be done from here, and
/// how to leave. Ends with a line break.
[[nodiscard]] std::string motd(const board::Description& board, const std::filesystem::path& log);

}  // namespace mox::rescue
