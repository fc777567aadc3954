#pragma once

#include <functional>
#include <vector>

#include "medkit/directory_scan.hpp"

namespace mox::medkit {

using EntryTest = std::function<bool(const ScannedEntry&)>;

/// The entries of a scanned directory without those that `left_out` names, and without what is below them.
/// The root itself stays. A file whose first name is left out is packed under its next one. Pure.
[[nodiscard]] std::vector<ScannedEntry> without(std::vector<ScannedEntry> entries, const EntryTest& left_out);

/// Members of an archive from two directories: everything of `overlay` but its root, in place of what `base`
/// has there. A directory that is in both keeps its attributes in `base`.
struct OverlaidEntries {
    std::vector<ScannedEntry> base, overlay;
};
[[nodiscard]] OverlaidEntries overlaid(std::vector<ScannedEntry> base, std::vector<ScannedEntry> overlay);

}  // namespace mox::medkit
