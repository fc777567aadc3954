#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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

/// The symlinks to directories that entries of an archive go through, as GNU tar does with
/// --keep-directory-symlink: "lib" of the archive is "usr/lib" of a system where lib is a link to it.
/// Found in verification, and used as they are when unpacking.
class FollowedLinks {
public:
    struct Link {
        std::string directory;          ///< where it leads, without links
        std::uint64_t first_entry = 0;  ///< the entry that went through it first
    };

    /// Where entry number `entry` of the archive (from 1) finds `path`. The last component is not followed.
    [[nodiscard]] std::string real_path(std::string_view path, std::uint64_t entry) const;

    void add(std::string path, Link link) { links_.try_emplace(std::move(path), std::move(link)); }
    [[nodiscard]] const Link* find(std::string_view path) const;

    [[nodiscard]] bool empty() const { return links_.empty(); }
    [[nodiscard]] auto begin() const { return links_.begin(); }
    [[nodiscard]] auto end() const { return links_.end(); }

private:
    std::map<std::string, Link, std::less<>> links_;  ///< by path, without links before the last component
};

}  // namespace mox::medkit
