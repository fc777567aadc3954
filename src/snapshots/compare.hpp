#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::snapshots {

enum class ChangeKind { removed, added, changed };

/// In what the two sides of a changed path differ. Times do not count, nor does the number of hard links.
struct Differences {
    bool type = false;  ///< file, directory, symlink, ...; then nothing else is said
    bool content = false;
    bool mode = false;
    bool owner = false;  ///< user or group
    bool xattrs = false;
    bool link_target = false;  ///< of a symlink
    bool device = false;       ///< major and minor number
    /// One side could not be read (an I/O error, no permission): it may differ, nobody knows.
    bool unreadable = false;

    friend constexpr bool operator==(const Differences&, const Differences&) = default;
    [[nodiscard]] constexpr bool any() const { return *this != Differences{}; }
};

/// "content, mode, owner": for people and for JSON lists, in the order above.
[[nodiscard]] std::vector<std::string_view> names_of(const Differences& differences);

/// One path that is not the same on both sides. A rename is a removed and an added path; with a directory
/// every path below it.
struct Change {
    std::string path;  ///< relative to the roots ("etc/config/network"); empty for the roots themselves
    ChangeKind kind = ChangeKind::changed;
    Differences differences{};  ///< of a `changed` path

    friend bool operator==(const Change&, const Change&) = default;
};

/// How the paths that may differ are found.
enum class Route {
    changed_inodes,  ///< btrfs says which inodes changed since the two sides had all in common
    walk,            ///< every entry of both sides is looked at, by several threads
};

struct CompareOptions {
    /// The first choice; `changed_inodes` becomes `walk` where it cannot be had.
    Route route = Route::changed_inodes;
    /// Of the walk; 0: one for each processor.
    unsigned threads = 0;
};

struct Comparison {
    std::vector<Change> changes;  ///< sorted by path, byte by byte; no path twice
    Route route = Route::walk;    ///< the one that was taken
};

/// Compares two directories, as a rule the roots of two subvolumes of one btrfs: what changed from `left` to
/// `right`. `below` is a path in both of them ("etc/config", a file is fine too); empty compares everything.
///
/// The cost grows with the changes, not with the trees, when both are subvolume roots of the same btrfs, have
/// a common ancestor through snapshots (an ancestor that was deleted since is fine when it is the last in
/// line), and the caller may search btrfs' trees (root). Everything else is walked; files of which btrfs
/// says that they are the same blocks are not read then either. Nothing is written, but the file system is
/// synced when one of the two is writable: what is not on the disk yet would be overlooked.
///
/// Symlinks are never followed. A nested subvolume or a mount is a directory of which only the type counts:
/// snapshots have an empty directory in its place.
///
/// Errors (`snapshot`): `below` leads out of the trees or exists in neither; a tree cannot be read.
[[nodiscard]] Expected<Comparison> compare(int left_root, int right_root, std::string_view below = {},
                                           const CompareOptions& options = {});

}  // namespace mox::snapshots
