#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/tar_reader.hpp"

namespace mox::medkit {

// One file, link or device in an open directory. `path` is only for messages; the name is its last part.
// What stood there before is replaced, a directory only if it is empty. No symlink is ever followed.
// Errors: `card`.

/// A new, empty file, open for writing.
[[nodiscard]] Expected<UniqueFd> create_file(int directory, const std::string& path, mode_t mode);

/// A symlink, device node or FIFO with its attributes.
[[nodiscard]] Expected<void> create_special(int directory, const std::string& path, EntryKind kind,
                                            const std::string& link_target, const NodeAttributes& attributes);

/// A second name for a file.
[[nodiscard]] Expected<void> create_hard_link(int directory, const std::string& path, int target_directory,
                                              const std::string& target_path);

/// Sets one extended attribute of an open file or directory.
[[nodiscard]] Expected<void> set_xattr(int fd, std::string_view path, const ExtendedAttribute& xattr);

/// Removes the extended attributes that an archive may set (extended_attributes.hpp) from an open file or
/// directory: one that was there already has those of its entry in the archive, and no others.
[[nodiscard]] Expected<void> remove_xattrs(int fd, std::string_view path);

/// Owner, mode, xattrs and time of an open file or directory, in the order in which none undoes another:
/// chown takes away setuid and capabilities, and every change of content the time.
[[nodiscard]] Expected<void> set_attributes(int fd, std::string_view path, const NodeAttributes& attributes);

}  // namespace mox::medkit
