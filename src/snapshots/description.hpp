#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Maximum length of a stored description, in bytes.
inline constexpr std::size_t longest_description = 1024;

/// A description in the form that is stored: at most `longest_description` bytes, every byte outside
/// `a-zA-Z0-9 .,?!()/;:<>-` replaced by `_`. Programs that read info files expect only these characters.
[[nodiscard]] std::string sanitised_description(std::string_view text);

/// Text that is safe to write to a terminal: control characters and bytes that are not UTF-8 become `\n`,
/// `\t` or `\x1b`. Printable UTF-8 stays.
[[nodiscard]] std::string escaped_for_display(std::string_view text);

/// Reads the names, attributes and links of a whole snapshot, and the files in its boot/: a router must not
/// be rolled back to a snapshot that the card cannot read completely. Does not read other content, which
/// would take minutes. Errors (`snapshot`): the message names the unreadable file and the other snapshots.
[[nodiscard]] Expected<void> require_readable(const TopLevel& top, const Target& target);

}  // namespace mox::snapshots
