#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mox::config {

/// A line `KEY=value` of a file in shell syntax, read as data.
struct Assignment {
    std::string key;
    std::string value;
};

struct ShellLines {
    std::vector<Assignment> assignments;
    /// "line 3: ...": lines that were not understood, or that a shell would expand.
    std::vector<std::string> warnings;
};

/// Reads assignments: values without quotes, in single or double quotes, or made of such parts; comments,
/// blank lines, CRLF. One line is one assignment: a quote that is not closed ends with its line, and text
/// after a value is ignored. `$` and backquotes are not expanded. Never fails.
[[nodiscard]] ShellLines parse_shell_lines(std::string_view text);

/// `value` in single quotes, so that a shell takes it literally. Precondition: no line breaks, no zero bytes.
[[nodiscard]] std::string single_quoted(std::string_view value);

/// Lines without their ends (LF or CRLF); a last one without an end counts.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace mox::config
