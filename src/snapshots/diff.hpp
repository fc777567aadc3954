#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
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

}  // namespace mox::snapshots
