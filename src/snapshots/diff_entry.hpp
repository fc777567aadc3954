#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::snapshots {

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
