#pragma once

#include <map>
#include <string>
#include <vector>

#include "snapshots/quota.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::cli::schnapps {

/// Sizes by number; a snapshot without an entry has an empty Size.
using Sizes = std::map<snapshots::Number, snapshots::SnapshotSize>;

// Formats that scripts parse. Pure. Descriptions and dates come from info files, which are not trusted:
// control characters and bytes that are not UTF-8 are escaped.

/// Two header lines, then one line a snapshot: `#`, `Type`, `Size`, `Date`, `Description`, separated by " |
/// ", the first four in widths 4, 9, 11, 25; number and size are aligned to the right. A damaged snapshot has
/// the message why it is damaged in the place of its description.
[[nodiscard]] std::string table_of(const std::vector<snapshots::Snapshot>& snapshots, const Sizes& sizes);

/// Header `#,type,size,date,description`; a field with a comma, quote or blank at an end is quoted (RFC
/// 4180).
[[nodiscard]] std::string csv_of(const std::vector<snapshots::Snapshot>& snapshots, const Sizes& sizes);

}  // namespace mox::cli::schnapps
