#pragma once

#include <filesystem>
#include <string>

#include "board/description.hpp"

namespace mox::rescue {

/// The text for a user who opens a shell in the rescue system: what system this is, which commands it has,
/// and how to leave. Ends with a line break.
[[nodiscard]] std::string motd(const board::Description& board, const std::filesystem::path& log);

}  // namespace mox::rescue
