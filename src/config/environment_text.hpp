#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace mox::config {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Reads variables from text as U-Boot's `mkenvimage` does: one `name=value` on each line; blanks and quotes
/// belong to the value. A backslash at the end of a line stands for a line break in the value. Empty lines,
/// lines that start with `#`, and lines without `=` or without a name are ignored. Pure.
[[nodiscard]] Variables parse_environment_text(std::string_view text);

}  // namespace mox::config
