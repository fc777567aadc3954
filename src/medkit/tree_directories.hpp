#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "medkit/extended_attributes.hpp"

namespace mox::medkit {

/// A directory that stays open as long as a handle to it exists.
using DirectoryHandle = std::shared_ptr<const UniqueFd>;

/// "a/b/c" is "c" in "a/b"; "c" is "c" in "".
struct SplitPath {
    std::string_view directory;
    std::string_view name;
};
[[nodiscard]] SplitPath split_path(std::string_view path);

/// An error about the target (`card`) from an errno number; with a clear message if no space is left.
[[nodiscard]] std::unexpected<Error> fail_on_card(std::string_view path, int number);

/// Removes the entry `name`, a directory only if it is empty.
[[nodiscard]] Expected<void> remove_entry(int directory, std::string_view name, std::string_view path);

/// The directories of a tree that is being written. Opens them beneath its root, so that no path leads out of
/// it: follows no symlink, no mount point and no ".." (openat2). Keeps recently used ones open. Paths are
/// relative to the root and normal ("boot", "etc/config"); "" is the root. Not thread-safe.
class TreeDirectories {
public:
    /// `root` stays open as long as this object.
    explicit TreeDirectories(int root) : root_(root) {}

    /// Opens a directory and creates missing ones on the way (mode 0755). Errors: `card`.
    [[nodiscard]] Expected<DirectoryHandle> open(std::string_view path);

    /// Creates a directory (mode 0700 until its attributes are set), or keeps the existing one; removes
    /// another kind of entry at this path. Errors: `card`.
    [[nodiscard]] Expected<void> make(std::string_view path);

    /// Default ACLs of opened directories, by path. `open` removes them, because new files would inherit
    /// them; the caller sets them again when the tree is complete.
    [[nodiscard]] const std::map<std::string, ExtendedAttribute>& suspended_default_acls() const {
        return suspended_;
    }

    /// Closes all directories, because one of them may have been replaced.
    void close_all() { open_.clear(); }

private:
    [[nodiscard]] Expected<DirectoryHandle> open_or_create(std::string_view path);
    [[nodiscard]] Expected<void> suspend_default_acl(int directory, std::string_view path);

    int root_;
    std::unordered_map<std::string, DirectoryHandle> open_;
    std::map<std::string, ExtendedAttribute> suspended_;
};

}  // namespace mox::medkit
