#pragma once

#include <sys/stat.h>

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

}  // namespace mox::medkit
