#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// What an info file says. Shell-style lines, but data: nothing is ever expanded or executed.
struct SnapshotInfo {
    SnapshotType type = SnapshotType::single;
    std::string description;
    std::string created;
    std::optional<Target> roll_to;
    /// Lines with keys that we do not know, as pairs of key and value, in order: they are kept.
    std::vector<std::pair<std::string, std::string>> other;
    /// For people: what could not be understood; empty when all was.
    std::string trouble;
};

/// A sane info file has 150 bytes, with the longest description 1.2 KiB; more than this is not read.
inline constexpr Bytes largest_info_file{16 << 10};

/// Reads the text of an info file: `KEY="value"`, `KEY='value'`, `KEY=value`, comments, blank lines, CRLF.
/// In double quotes a backslash takes the special meaning from `"`, `\`, `$` and a backquote. The last line
/// of a key counts. A value with a `$` or backquote that a shell would expand, an unknown type, a ROLL_TO
/// that is no target: stay as text or are ignored, and are told in `trouble`. Never fails: garbage is an info
/// file that says nothing, that is, of type single.
[[nodiscard]] SnapshotInfo parse_info(std::string_view text);

/// The text of an info file, as routers in the field read it (with a shell). The description is sanitised,
/// everything else is checked against its own alphabet; what does not fit is left out.
[[nodiscard]] std::string format_info(const SnapshotInfo& info);

/// "2026-11-22 15:24:44 +0000": `at` with the given offset from UTC.
[[nodiscard]] std::string created_text(std::chrono::sys_seconds at, std::chrono::minutes offset);

/// The same, now, in the local time zone.
[[nodiscard]] std::string created_now();

}  // namespace mox::snapshots
