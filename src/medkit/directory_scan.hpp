#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// One member of a directory tree, as it will be in an archive.
struct ScannedEntry {
    std::string path;  ///< "./etc/passwd"; the root itself is "."
    struct stat status{};
    std::string symlink_target;  ///< of a symlink
    std::string hard_link_to;    ///< path of an earlier entry that is the same file; empty: none
    std::vector<std::pair<std::string, std::string>> xattrs;  ///< sorted by name; capabilities among them
};

/// All entries of an open directory: parents before children, children sorted by the bytes of their names.
/// Enters mount points. Does not follow symlinks. Errors (`medkit`): an entry cannot be read, with its path.
[[nodiscard]] Expected<std::vector<ScannedEntry>> scan_directory(int root);

using EntryTest = std::function<bool(const ScannedEntry&)>;

/// The entries of a scanned directory without those for which `left_out` is true, and without all entries
/// below them. The root itself stays. A file whose first name is left out is packed under its next name.
/// Pure.
[[nodiscard]] std::vector<ScannedEntry> without(std::vector<ScannedEntry> entries, const EntryTest& left_out);

/// Members of an archive from two directories: all entries of `overlay` except its root replace those of
/// `base` at the same paths. A directory that is in both has the attributes of `base`.
struct OverlaidEntries {
    std::vector<ScannedEntry> base, overlay;
};
[[nodiscard]] OverlaidEntries overlaid(std::vector<ScannedEntry> base, std::vector<ScannedEntry> overlay);

}  // namespace mox::medkit
