#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace mox::config {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Reads variables from text as U-Boot's `mkenvimage` does: one `name=value` a line, the value as it stands,
/// blanks and quotes included; empty lines and lines that start with `#` are passed over; a backslash at the
/// end of a line means that the value goes on after a line break. Pure. Lines without `=`, or without a name,
/// are passed over.
[[nodiscard]] Variables parse_environment_text(std::string_view text);

}  // namespace mox::config
