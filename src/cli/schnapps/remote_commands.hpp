#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/schnapps/entry.hpp"

namespace mox::cli::schnapps {

// The commands for backups on servers. The rescue image is built without them (CMake: MOX_REMOTE): then
// no_remote/ takes the place of remote/.

/// Their entries in the table; none in the rescue image.
[[nodiscard]] const std::vector<const Entry*>& remote_entries();

/// `import remote:BACKUP`. `backup`: a number or a name. Errors: `wrong_usage` in the rescue image.
[[nodiscard]] Expected<Command> import_from_remote(const std::string& backup,
                                                   const std::filesystem::path& keys, bool force);

}  // namespace mox::cli::schnapps
