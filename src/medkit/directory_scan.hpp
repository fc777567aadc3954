#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// One member of a directory tree, as it will stand in an archive.
struct ScannedEntry {
    std::string path;  ///< "./etc/passwd"; the root itself is "."
    struct stat status{};
    std::string symlink_target;  ///< of a symlink
    std::string hard_link_to;    ///< path of an earlier entry that is the same file; empty: none
    std::vector<std::pair<std::string, std::string>> xattrs;  ///< sorted by name; capabilities among them
};

/// All of an open directory: parents before children, children sorted by the bytes of their names. Mount
/// points are entered. Symlinks are not followed. Errors (`medkit`): something cannot be read, with its path.
[[nodiscard]] Expected<std::vector<ScannedEntry>> scan_directory(int root);

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
