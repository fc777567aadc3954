#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"

namespace mox {

// The home of all messages about missing space: which file system, RAM disk or quota is full, and what helps.
// fail_errno calls it for every error of that kind.

/// Whether the error number says that a file system (ENOSPC) or a quota (EDQUOT) is full.
[[nodiscard]] bool is_out_of_space(int error_number);

/// What frees space on a router's card.
inline constexpr std::string_view delete_snapshots_advice =
    "delete snapshots that are not needed (`schnapps list` shows them, `schnapps delete N` deletes one)";

/// "the file system on /mnt (/dev/sda1, ext4) is full; free space in /mnt/backup": for an error of a call
/// that had to do with `fd`. Precondition: is_out_of_space(`error_number`).
[[nodiscard]] Hint space_hint_of(int fd, int error_number);

/// The same for a path; it, or a directory above it, exists.
[[nodiscard]] Hint space_hint_at(const std::filesystem::path& path, int error_number);

/// The same for the subject of a message: an absolute path at its beginning, "standard output", or "...
/// memory". Without these an error of kind `card` is about the card; every other one does not tell which file
/// system.
[[nodiscard]] Hint space_hint_for(ErrorKind kind, std::string_view subject, int error_number);

/// As fail_errno, where the path of the file is known but is not the subject of the message, or is relative.
[[nodiscard]] std::unexpected<Error> fail_errno_at(ErrorKind kind, const std::filesystem::path& path,
                                                   int error_number);

/// As fail_errno, for a call on an open file that the message calls `name`.
[[nodiscard]] std::unexpected<Error> fail_errno_of(ErrorKind kind, int fd, std::string_view name,
                                                   int error_number);

}  // namespace mox
