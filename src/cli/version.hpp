#pragma once

#include <string_view>

namespace mox::cli {

/// The version of all programs, as `--version` prints it: the file VERSION, and the commit where it is known
/// ("1.0.0-rc1 (0a8c342f98)"). cmake/write-version writes the definition.
extern const std::string_view version;

}  // namespace mox::cli
