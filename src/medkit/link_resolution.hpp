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
    missing,          ///< the path does not exist
    not_a_directory,  ///< the path or a parent is a file or a device
    outside,          ///< ".." leads out of the root
    too_many_links    ///< more than 40, as in Linux: a loop
};

struct Resolution {
    ResolutionResult result = ResolutionResult::directory;
    std::string path;  ///< of the directory, without symlinks; empty: the root
};

/// Resolves `path` in the tree and follows all symlinks, also the last one. An absolute target starts at the
/// root of the tree, as in the running system (openat2, RESOLVE_IN_ROOT), but ".." at the root leads outside.
/// Pure.
[[nodiscard]] Resolution resolve_directory(const ArchiveContents& contents, std::string_view path);

/// For messages: "leads out of the system".
[[nodiscard]] std::string_view describe(ResolutionResult result);

/// The symlinks to directories that entries of an archive follow, as in GNU tar with
/// --keep-directory-symlink: "lib" of the archive is "usr/lib" of a system in which lib is a link to it.
/// Verification collects them, and unpacking uses the same ones.
class FollowedLinks {
public:
    struct Link {
        std::string directory;          ///< its target, without symlinks
        std::uint64_t first_entry = 0;  ///< number of the first entry that follows it
    };

    /// `path` as entry number `entry` (from 1) of the archive resolves it. Does not follow the last
    /// component.
    [[nodiscard]] std::string real_path(std::string_view path, std::uint64_t entry) const;

    void add(std::string path, const Link& link) { links_.try_emplace(std::move(path), link); }
    [[nodiscard]] const Link* find(std::string_view path) const;

    [[nodiscard]] bool empty() const { return links_.empty(); }
    [[nodiscard]] auto begin() const { return links_.begin(); }
    [[nodiscard]] auto end() const { return links_.end(); }

private:
    std::map<std::string, Link, std::less<>> links_;  ///< by path, without links before the last component
};

}  // namespace mox::medkit
