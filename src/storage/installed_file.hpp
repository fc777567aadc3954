#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::storage {

// Paths inside an installed system are resolved as that system will resolve them: its root is the root
// (openat2, RESOLVE_IN_ROOT), so that "/var -> /tmp" leads to the system's own tmp and nothing leads out.

enum class Missing { is_an_error, is_created };

/// Opens a folder ("var/log/mox-rescue") below the open directory `root`. Errors: `card`.
[[nodiscard]] Expected<UniqueFd> open_installed_folder(int root, std::string_view path, Missing missing);

/// Where `path` leads in the system below the open directory `root`: symlinks followed as that system does,
/// "." and ".." taken out; relative to the root ("tmp/log" for "var/log" with "/var -> /tmp"). What does not
/// exist stays as it is written. Empty for a loop of links.
[[nodiscard]] std::string resolved_in_root(int root, std::string_view path);

/// Writes a file in an open folder, replacing what was there (a symlink too), mode 0644. Not synced.
/// Errors: `card`.
[[nodiscard]] Expected<void> write_installed_file(int folder, std::string_view name,
                                                  std::string_view content);

}  // namespace mox::storage
