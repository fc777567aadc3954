#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox {

/// Opens with O_CLOEXEC. `flags` as for open(2), `mode` for O_CREAT. Errors (`kind`), with the path and the
/// reason.
[[nodiscard]] Expected<UniqueFd> open_file(const std::filesystem::path& path, int flags, ErrorKind kind,
                                           unsigned mode = 0644);

/// Returns a whole small file as text. Errors (`kind`): also when it is larger than `limit`.
[[nodiscard]] Expected<std::string> read_small_file(const std::filesystem::path& path, ErrorKind kind,
                                                    Bytes limit = {64 << 10});

/// Returns the content of `fd` from its current position on. `name` is for the message.
[[nodiscard]] Expected<std::string> read_to_end(int fd, std::string_view name, ErrorKind kind, Bytes limit);

/// Writes all of `content`; continues after short writes and signals.
[[nodiscard]] Expected<void> write_all(int fd, std::string_view content, std::string_view name,
                                       ErrorKind kind);

/// Writes to an existing file, such as one of sysfs. Does not create it and does not call fsync.
[[nodiscard]] Expected<void> write_existing_file(const std::filesystem::path& path, std::string_view content,
                                                 ErrorKind kind);

/// Replaces a file. After a power cut the file has the old or the new content, never a part: an AtomicFile is
/// written, synced and published, and the directory is synced.
[[nodiscard]] Expected<void> replace_file_durably(const std::filesystem::path& path, std::string_view content,
                                                  ErrorKind kind, unsigned mode = 0644);

}  // namespace mox
