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

/// Takes text as it comes; an error (a closed pipe) ends the work and is handed up.
using TextSink = std::function<Expected<void>(std::string_view)>;

enum class Colours { no, yes };

struct DiffOptions {
    std::string left_name;   ///< stands before the left paths, e.g. "@3"
    std::string right_name;  ///< before the right ones, e.g. "@"
    Colours colours = Colours::no;
};

/// Shows changes as `compare` found them, in their order: unified text diffs (made by diff(1), GNU's or
/// busybox') of changed, added and removed text files; "Binary files ... differ" for others and for those
/// over 8 MiB; one line each for types, symlinks, modes, owners, xattrs, devices. Control characters in names
/// are escaped. The content of files is passed on as it is.
///
/// Errors (`snapshot`): a file cannot be opened for another reason than that it is gone by now;
/// (`internal`): there is no diff(1); and those of the sink.
[[nodiscard]] Expected<void> write_diff(int left_root, int right_root, std::span<const Change> changes,
                                        const DiffOptions& options, const TextSink& sink);

/// One side of a text diff.
struct DiffSide {
    int file = -1;      ///< open for reading; -1: an empty one that does not exist
    std::string label;  ///< stands in the header instead of the file's name, as it is
};

/// Runs diff(1), which GNU and busybox have, over two files and passes its unified diff on, coloured if
/// wanted. Both are taken for text. Errors (`internal`): there is no diff(1), it failed, or it was not done
/// within a minute; and those of the sink.
[[nodiscard]] Expected<void> write_text_diff(const DiffSide& left, const DiffSide& right, Colours colours,
                                             const TextSink& sink);

/// Colours a unified diff on its way, however its pieces are cut: headers bold, places cyan, removed lines
/// red, added lines green. One for each diff.
class DiffColours {
public:
    [[nodiscard]] std::string coloured(std::string_view piece);

private:
    [[nodiscard]] std::string_view colour_for(char first);

    bool in_header_ = true;  ///< "--- " and "+++ " are no removed and added lines yet
    bool at_line_start_ = true;
    bool line_is_coloured_ = false;
};

/// What stands at a changed path on one side, for the eye.
struct DiffEntry {
    struct stat status{};
    std::string link_target{};  ///< of a symlink
    UniqueFd file{};            ///< of a regular file: open for reading
    bool unreadable = false;    ///< a regular file that cannot be opened

    /// Nothing but text, and short enough to be compared line by line (8 MiB): no zero byte in it.
    [[nodiscard]] Expected<bool> is_text() const;
};

/// Nothing when the path is gone by now. Errors: `snapshot`.
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
