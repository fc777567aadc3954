#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox {

/// Opens with O_CLOEXEC. `flags` as for open(2), `mode` for O_CREAT.
/// Errors: of `kind`, naming the path and the reason.
[[nodiscard]] Expected<UniqueFd> open_file(const std::filesystem::path& path, int flags, ErrorKind kind,
                                           unsigned mode = 0644);

/// A whole small file as text. Errors: `kind`; also when it is larger than `limit`.
[[nodiscard]] Expected<std::string> read_small_file(const std::filesystem::path& path, ErrorKind kind,
                                                    Bytes limit = {64 << 10});

/// The rest of `fd` as text, from its current position. `name` is for the message.
[[nodiscard]] Expected<std::string> read_to_end(int fd, std::string_view name, ErrorKind kind, Bytes limit);

/// Writes all of `content`, going on after short writes and signals.
[[nodiscard]] Expected<void> write_all(int fd, std::string_view content, std::string_view name,
                                       ErrorKind kind);

/// Writes into an existing file such as one of sysfs: no truncation games, no fsync.
[[nodiscard]] Expected<void> write_existing_file(const std::filesystem::path& path, std::string_view content,
                                                 ErrorKind kind);

/// Replaces a file so that after a power cut there is the old or the new content, never a part: an AtomicFile
/// beside it, fsync, its name, fsync of the folder.
[[nodiscard]] Expected<void> replace_file_durably(const std::filesystem::path& path, std::string_view content,
                                                  ErrorKind kind, unsigned mode = 0644);

}  // namespace mox
