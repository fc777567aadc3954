#include "cli/schnapps/remote/remote_entries.hpp"

#include "cli/schnapps/remote_commands.hpp"

namespace mox::cli::schnapps {

const std::vector<const Entry*>& remote_entries() {
    static const std::vector<const Entry*> entries{&upload_command, &sync_command, &rlist_command,
                                                   &download_command};
    return entries;
}

}  // namespace mox::cli::schnapps
