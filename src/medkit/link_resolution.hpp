#pragma once

#include <string>
#include <string_view>

#include "medkit/archive_contents.hpp"

namespace mox::medkit {

enum class ResolutionResult {
    directory,
    missing,          ///< nothing is there
    not_a_directory,  ///< a file or a device is there or on the way
    outside,          ///< ".." leads out of the root
    too_many_links    ///< more than 40, as in Linux: a loop
};

struct Resolution {
    ResolutionResult result = ResolutionResult::directory;
    std::string path;  ///< of the directory, without links; empty: the root
};

/// Where `path` leads in the tree when all its symlinks are followed, the last one too. An absolute target
/// starts at the root of the tree, as it does in the running system (openat2, RESOLVE_IN_ROOT), but a ".."
/// at the root leads outside. Pure.
[[nodiscard]] Resolution resolve_directory(const ArchiveContents& contents, std::string_view path);

/// For messages: "leads out of the system".
[[nodiscard]] std::string_view describe(ResolutionResult result);

}  // namespace mox::medkit
