#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::snapshots {

enum class ChangeKind { removed, added, changed };

/// The properties in which the two sides of a changed path differ. Times and the number of hard links are
/// ignored.
struct Differences {
    bool type = false;  ///< file, directory, symlink, ...; then no other property is set
    bool content = false;
    bool mode = false;
    bool owner = false;  ///< user or group
    bool xattrs = false;
    bool link_target = false;  ///< of a symlink
    bool device = false;       ///< major and minor number
    /// One side could not be read (an I/O error, no permission): whether it differs is unknown.
    bool unreadable = false;

    friend constexpr bool operator==(const Differences&, const Differences&) = default;
    [[nodiscard]] constexpr bool any() const { return *this != Differences{}; }
};

/// "content", "mode", "owner": for messages and for JSON lists, in the order above.
[[nodiscard]] std::vector<std::string_view> names_of(const Differences& differences);

/// One path that differs between the sides. A rename is a removed and an added path; for a directory also
/// every path below it.
struct Change {
    std::string path;  ///< relative to the roots ("etc/config/network"); empty for the roots themselves
    ChangeKind kind = ChangeKind::changed;
    Differences differences{};  ///< of a `changed` path

    friend bool operator==(const Change&, const Change&) = default;
};

/// How `compare` finds the paths that may differ.
enum class CompareMethod {
    changed_inodes,  ///< btrfs lists the inodes that changed since the last common state
    walk,            ///< several threads compare every entry of both sides
};

struct CompareOptions {
    /// The preferred method; `walk` replaces `changed_inodes` where that is not available.
    CompareMethod method = CompareMethod::changed_inodes;
    /// Threads of the walk; 0: one for each processor.
    unsigned threads = 0;
};

struct Comparison {
    std::vector<Change> changes;                 ///< sorted by path, byte by byte; no path twice
    CompareMethod method = CompareMethod::walk;  ///< the one that was used
};

/// Compares two directories, as a rule the roots of two subvolumes of one btrfs: what changed from `left` to
/// `right`. `below` is a path in both of them ("etc/config", a file is fine too); empty compares everything.
///
/// The cost grows with the changes, not with the trees, when both are subvolume roots of the same btrfs, have
/// a common ancestor through snapshots (the oldest common one may be deleted already), and the caller may
/// search btrfs' trees (root). Otherwise both trees are walked; files with the same extents are not read even
/// then. The function writes nothing, but it syncs the file system when one of the two is writable: it would
/// not see unwritten data.
///
/// Symlinks are never followed. Of a nested subvolume or a mount only the type is compared: snapshots have an
/// empty directory in its place.
///
/// Errors (`snapshot`): `below` leads out of the trees or exists in neither; a tree cannot be read.
[[nodiscard]] Expected<Comparison> compare(int left_root, int right_root, std::string_view below = {},
                                           const CompareOptions& options = {});

}  // namespace mox::snapshots
