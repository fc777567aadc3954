#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

// Info files and journals on the card. `top` is the open top-level directory; no symbolic link is followed.
//
// A file with content needs a free block of data, even if it is short: on a card that is full of data none
// can be written. A symbolic link is metadata only. So a journal is a link whose target is its text, and the
// info file of a snapshot is one when the card has no block left; the next writer makes it a file again.

/// N.info, whatever it holds; a missing one is of type single. What is not an ordinary file, or too large, or
/// unreadable is told in `trouble`: a snapshot is never lost because of its info file.
[[nodiscard]] SnapshotInfo read_info(int top, Number number);

/// Writes N.info with `write_durably`. Errors: `card`.
[[nodiscard]] Expected<void> write_info(int top, Number number, const SnapshotInfo& info);

/// The same, but as a link when the card has no room for a file. Errors: `card`.
[[nodiscard]] Expected<void> write_info_on_any_card(int top, Number number, const SnapshotInfo& info);

/// Makes a file of N.info if it is a link, and there is room again. Errors: `card`, not for lack of room.
[[nodiscard]] Expected<void> make_info_a_file(int top, Number number);

/// Makes a link whose target is `text`, in place of what has the name. On the disk with the next sync, or
/// together with any later change of the subvolumes. Errors: `card`.
[[nodiscard]] Expected<void> write_link(int top, const std::string& name, const std::string& text);

/// The text of such a link, or of a small ordinary file. Errors (`card`): as read_plain_file.
[[nodiscard]] Expected<std::string> read_link_or_file(int top, const std::string& name);

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
