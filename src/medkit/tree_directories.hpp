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

/// A directory that stays open as long as somebody works in it.
using DirectoryHandle = std::shared_ptr<const UniqueFd>;

/// "a/b/c" is "c" in "a/b"; "c" is "c" in "".
struct SplitPath {
    std::string_view directory;
    std::string_view name;
};
[[nodiscard]] SplitPath split_path(std::string_view path);

/// An error about the target: `card`, and in plain words when there is no more room.
[[nodiscard]] std::unexpected<Error> fail_on_card(std::string_view path, int number);

/// Removes what stands at `name`, a directory only if it is empty.
[[nodiscard]] Expected<void> remove_entry(int directory, std::string_view name, std::string_view path);

/// The directories of a tree that is being written, opened beneath its root so that no path leads out of it:
/// no symlink, no mount point and no ".." is followed (openat2). Recently used ones are kept open.
/// Paths are relative to the root, normal ("boot", "etc/config"), "" is the root. For one thread.
class TreeDirectories {
public:
    /// `root` stays open as long as this object.
    explicit TreeDirectories(int root) : root_(root) {}

    /// Opens a directory; what is missing on the way is created (mode 0755). Errors: `card`.
    [[nodiscard]] Expected<DirectoryHandle> open(std::string_view path);

    /// Creates a directory (mode 0700 until its attributes are set), or keeps the one that is there; anything
    /// else in its place is removed. Errors: `card`.
    [[nodiscard]] Expected<void> make(std::string_view path);

    /// Default ACLs of directories that were opened: new files would inherit them. They are taken away until
    /// everything is written, and are set again by the caller. By path.
    [[nodiscard]] const std::map<std::string, ExtendedAttribute>& suspended_default_acls() const {
        return suspended_;
    }

    /// Closes all: what they led to may have been replaced.
    void forget() { open_.clear(); }

private:
    [[nodiscard]] Expected<DirectoryHandle> open_or_create(std::string_view path);
    [[nodiscard]] Expected<void> suspend_default_acl(int directory, std::string_view path);

    int root_;
    std::unordered_map<std::string, DirectoryHandle> open_;
    std::map<std::string, ExtendedAttribute> suspended_;
};

}  // namespace mox::medkit
