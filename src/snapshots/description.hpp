#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Bytes of a description that are kept.
inline constexpr std::size_t longest_description = 1024;

/// A description as it may be stored: every byte outside `a-zA-Z0-9 .,?!()/;:<>-` becomes `_`, at most
/// `longest_description` bytes. What other programs read from info files has never held anything else.
[[nodiscard]] std::string sanitised_description(std::string_view text);

/// Any text as it may be written to a terminal: control characters and bytes that are not UTF-8 become
/// `\n`, `\t` or `\x1b`. Printable UTF-8 stays.
[[nodiscard]] std::string escaped_for_display(std::string_view text);

/// Reads the names, attributes and links of a whole snapshot, and the files in its boot/: a router must not
/// be rolled back to one that the card has lost a part of. Reads no other content, which would take minutes.
/// Errors (`snapshot`): names the file that does not read, and what else there is.
[[nodiscard]] Expected<void> require_readable(const TopLevel& top, const Target& target);

}  // namespace mox::snapshots
