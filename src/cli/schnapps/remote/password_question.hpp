#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"

namespace mox::cli::schnapps {

/// Asks on the terminal, without showing the answer. nullopt: standard input is no terminal (cron), so no one
/// is asked. Errors (`network`): the terminal cannot be used, or the answer is empty.
[[nodiscard]] Expected<std::optional<std::string>> ask_for_password(const std::string& question);

}  // namespace mox::cli::schnapps
