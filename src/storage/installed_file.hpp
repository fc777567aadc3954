#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::storage {

// Paths inside an installed system are resolved as that system resolves them: relative to its root (openat2,
// RESOLVE_IN_ROOT). So "/var -> /tmp" leads to the system's own tmp, and no path leads out of it.

enum class Missing { is_an_error, is_created };

/// Opens a directory ("var/log/mox-rescue") below the open directory `root`. Errors: `card`.
[[nodiscard]] Expected<UniqueFd> open_installed_directory(int root, std::string_view path, Missing missing);

/// Resolves `path` in the system below the open directory `root`: follows symlinks as that system does,
/// removes "." and ".."; the result is relative to the root ("tmp/log" for "var/log" with "/var -> /tmp").
/// Parts that do not exist stay unchanged. Empty for a loop of links.
[[nodiscard]] std::string resolved_in_root(int root, std::string_view path);

/// Writes a file in an open directory, mode 0644, and replaces an existing file or symlink. Not synced.
/// Errors: `card`.
[[nodiscard]] Expected<void> write_installed_file(int directory, std::string_view name,
                                                  std::string_view content);

}  // namespace mox::storage
