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

/// The content of an info file. It has shell-style lines, but is data: no line is expanded or executed.
struct SnapshotInfo {
    SnapshotType type = SnapshotType::single;
    std::string description;
    std::string created;
    std::optional<Target> roll_to;
    /// Lines with unknown keys, as pairs of key and value, in order: they are kept.
    std::vector<std::pair<std::string, std::string>> other;
    /// Message about invalid lines; empty: there are none.
    std::string warning;
};

/// An info file has 150 bytes, with the longest description 1.2 KiB. Larger files are not read.
inline constexpr Bytes largest_info_file{16 << 10};

/// Reads the text of an info file: `KEY="value"`, `KEY='value'`, `KEY=value`, comments, blank lines, CRLF. In
/// double quotes a backslash takes the special meaning from `"`, `\`, `$` and a backquote. The last line of a
/// key counts. A value with a `$` or backquote that a shell would expand stays text; an unknown type and an
/// invalid ROLL_TO are ignored; each adds to `warning`. Never fails: an info file without valid lines is of
/// type single.
[[nodiscard]] SnapshotInfo parse_info(std::string_view text);

/// The text of an info file, as routers in the field read it (with a shell). The description is sanitised;
/// other values are checked against their allowed characters, and invalid ones are left out.
[[nodiscard]] std::string format_info(const SnapshotInfo& info);

/// "2026-11-22 15:24:44 +0000": `at` with the given offset from UTC.
[[nodiscard]] std::string created_text(std::chrono::sys_seconds at, std::chrono::minutes offset);

/// The current time in the same format, in the local time zone.
[[nodiscard]] std::string created_now();

}  // namespace mox::snapshots
