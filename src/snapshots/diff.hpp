#pragma once

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/compare.hpp"

namespace mox::snapshots {

/// Receives text piece by piece; an error (a closed pipe) ends the work and is returned.
using TextSink = std::function<Expected<void>(std::string_view)>;

enum class Colours { no, yes };

struct DiffOptions {
    std::string left_name;   ///< prefix of the left paths, e.g. "@3"
    std::string right_name;  ///< prefix of the right paths, e.g. "@"
    Colours colours = Colours::no;
};

/// Writes the changes that `compare` found, in their order: unified text diffs (by diff(1) of GNU or busybox)
/// of changed, added and removed text files; "Binary files ... differ" for others and for those over 8 MiB;
/// one line each for types, symlinks, modes, owners, xattrs, devices. Control characters in names are
/// escaped; the content of files is not.
///
/// Errors (`snapshot`): a file cannot be opened, except when it no longer exists; (`internal`): there is no
/// diff(1); and those of the sink.
[[nodiscard]] Expected<void> write_diff(int left_root, int right_root, std::span<const Change> changes,
                                        const DiffOptions& options, const TextSink& sink);

/// One side of a text diff.
struct DiffSide {
    int file = -1;      ///< open for reading; -1: it does not exist (shown as empty)
    std::string label;  ///< printed unchanged in the header in place of the file's name
};

/// Runs diff(1) of GNU or busybox on two files and writes its unified diff to the sink, coloured if
/// requested. Both files are treated as text. Errors (`internal`): there is no diff(1), it failed, or it took
/// more than a minute; and those of the sink.
[[nodiscard]] Expected<void> write_text_diff(const DiffSide& left, const DiffSide& right, Colours colours,
                                             const TextSink& sink);

/// Colours a unified diff that arrives in pieces of any size: headers bold, hunk positions cyan, removed
/// lines red, added lines green. Use one object for each diff.
class DiffColours {
public:
    [[nodiscard]] std::string coloured(std::string_view piece);

private:
    [[nodiscard]] std::string_view colour_for(char first);

    bool in_header_ = true;  ///< here "--- " and "+++ " are not removed and added lines
    bool at_line_start_ = true;
    bool line_is_coloured_ = false;
};

/// The entry at a changed path on one side.
struct DiffEntry {
    struct stat status{};
    std::string link_target{};  ///< of a symlink
    UniqueFd file{};            ///< of a regular file: open for reading
    bool unreadable = false;    ///< a regular file that cannot be opened

    /// Whether it is text (no zero byte) and short enough for a comparison line by line (8 MiB).
    [[nodiscard]] Expected<bool> is_text() const;
};

/// nullopt when the path no longer exists. Errors: `snapshot`.
[[nodiscard]] Expected<std::optional<DiffEntry>> diff_entry(int root, const std::string& path);

/// "file", "directory", "symlink to \"x\"", "character device 1:3", ...
[[nodiscard]] std::string description_of(const DiffEntry& entry);
/// "0644"
[[nodiscard]] std::string mode_text(const struct stat& status);
/// "1000:100"
[[nodiscard]] std::string owner_text(const struct stat& status);
/// "8:1"
[[nodiscard]] std::string device_text(const struct stat& status);

}  // namespace mox::snapshots
