#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/tar_reader.hpp"

namespace mox::medkit {

// Functions for one file, link or device in an open directory. The name is the last part of `path`; the rest
// is only for messages. They replace an existing entry, a directory only if it is empty, and follow no
// symlink. Errors: `card`.

/// Creates an empty file, open for writing.
[[nodiscard]] Expected<UniqueFd> create_file(int directory, const std::string& path, mode_t mode);

/// Creates a symlink, device node or FIFO with its attributes.
[[nodiscard]] Expected<void> create_special(int directory, const std::string& path, EntryKind kind,
                                            const std::string& link_target, const NodeAttributes& attributes);

/// Creates another name for a file.
[[nodiscard]] Expected<void> create_hard_link(int directory, const std::string& path, int target_directory,
                                              const std::string& target_path);

/// Sets one extended attribute of an open file or directory.
[[nodiscard]] Expected<void> set_xattr(int fd, std::string_view path, const ExtendedAttribute& xattr);

/// Removes the extended attributes that an archive may set (extended_attributes.hpp) from an open file or
/// directory, so that an existing one gets only those of its entry in the archive.
[[nodiscard]] Expected<void> remove_xattrs(int fd, std::string_view path);

/// Sets owner, mode, xattrs and time of an open file or directory, in an order in which no call undoes
/// another: chown removes setuid and capabilities, and every change of the content changes the time.
[[nodiscard]] Expected<void> set_attributes(int fd, std::string_view path, const NodeAttributes& attributes);

}  // namespace mox::medkit
