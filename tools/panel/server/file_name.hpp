#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mox::virtual_mox::panel {

/// Decodes the name of a file from a URL (percent-encoded): 1 to 200 bytes of UTF-8 without control
/// characters and slashes, not beginning with a dot. nullopt: not a valid name. Pure.
[[nodiscard]] std::optional<std::string> file_name_in(std::string_view encoded);

}  // namespace mox::virtual_mox::panel
