#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

// Info files and journals on the card. `top` is the open top-level directory; no symbolic link is followed.
//
// A file with content needs a free block of data, even if it is short: it cannot be written on a card that is
// full of data. A symbolic link is only metadata. So a journal is a link whose target is its text, and so is
// the info file of a snapshot when no data block is free; the next writer converts it to a file.

/// Reads N.info; without the file the type is single. If it is not an ordinary file, too large or unreadable,
/// `warning` is set: a snapshot is never lost because of its info file.
[[nodiscard]] SnapshotInfo read_info(int top, Number number);

/// Writes N.info with `write_durably`. Errors: `card`.
[[nodiscard]] Expected<void> write_info(int top, Number number, const SnapshotInfo& info);

/// Writes N.info, as a link when the card has no free space for a file. Errors: `card`.
[[nodiscard]] Expected<void> write_info_or_link(int top, Number number, const SnapshotInfo& info);

/// Converts N.info from a link to a file if it is a link and there is enough free space. Errors: `card`; a
/// full card is not an error.
[[nodiscard]] Expected<void> convert_info_link(int top, Number number);

/// Makes a link whose target is `text`, and replaces an existing entry of that name. It is on the disk after
/// the next sync, or together with any later change of the subvolumes. Errors: `card`.
[[nodiscard]] Expected<void> write_link(int top, const std::string& name, const std::string& text);

/// The target of such a link, or the text of a small ordinary file. Errors (`card`): as read_plain_file.
[[nodiscard]] Expected<std::string> read_link_or_file(int top, const std::string& name);

/// The text of a small ordinary file. Errors (`card`): missing, a symbolic link, larger than
/// `largest_info_file`.
[[nodiscard]] Expected<std::string> read_plain_file(int top, const std::string& name);

/// Replaces a file so that a power cut leaves the old or the new one: writes `NAME.new` beside it, fsync,
/// rename, fsync of the directory. Errors: `card`.
[[nodiscard]] Expected<void> write_durably(int top, const std::string& name, std::string_view content);

/// Removes a file (or a symbolic link itself) if it exists. Errors: `card`.
[[nodiscard]] Expected<void> remove_file(int top, const std::string& name);

/// Renames within the top level; an existing file of the new name is replaced. Errors: `card`.
[[nodiscard]] Expected<void> rename_entry(int top, const std::string& from, const std::string& to);

/// Whether an entry of that name exists.
[[nodiscard]] bool entry_exists(int top, const std::string& name);

}  // namespace mox::snapshots
