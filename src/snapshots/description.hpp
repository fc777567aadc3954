#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mox::snapshots {

/// Bytes of a description that are kept.
inline constexpr std::size_t longest_description = 1024;

/// A description as it may be stored: every byte outside `a-zA-Z0-9 .,?!()/;:<>-` becomes `_`, at most
/// `longest_description` bytes. What other programs read from info files has never held anything else.
[[nodiscard]] std::string sanitised_description(std::string_view text);

/// Any text as it may be written to a terminal: control characters and bytes that are not UTF-8 become
/// `\n`, `\t` or `\x1b`. Printable UTF-8 stays.
[[nodiscard]] std::string escaped_for_display(std::string_view text);

}  // namespace mox::snapshots
