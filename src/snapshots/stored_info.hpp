#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

// Info files and journals on the card. `top` is the open top-level directory; no symbolic link is followed.

/// N.info, whatever it holds; a missing one is of type single. What is not an ordinary file, or too large, or
/// unreadable is told in `trouble`: a snapshot is never lost because of its info file.
[[nodiscard]] SnapshotInfo read_info(int top, Number number);

/// Writes N.info with `write_durably`. Errors: `card`.
[[nodiscard]] Expected<void> write_info(int top, Number number, const SnapshotInfo& info);

/// The text of a small ordinary file. Errors (`card`): missing, a symbolic link, larger than
/// `largest_info_file`.
[[nodiscard]] Expected<std::string> read_plain_file(int top, const std::string& name);

/// Replaces a file so that after a power cut there is the old or the new one: `NAME.new` beside it, fsync,
/// rename, fsync of the directory. Errors: `card`.
[[nodiscard]] Expected<void> write_durably(int top, const std::string& name, std::string_view content);

/// Removes a file (a symbolic link itself) if it is there. Errors: `card`.
[[nodiscard]] Expected<void> remove_file(int top, const std::string& name);

/// Renames within the top level; an existing file of the new name is replaced. Errors: `card`.
[[nodiscard]] Expected<void> rename_entry(int top, const std::string& from, const std::string& to);

/// Whether anything of that name is there.
[[nodiscard]] bool entry_exists(int top, const std::string& name);

}  // namespace mox::snapshots
