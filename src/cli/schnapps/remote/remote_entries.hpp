#pragma once

#include "cli/schnapps/entry.hpp"

namespace mox::cli::schnapps {

extern const Entry upload_command;
extern const Entry sync_command;
extern const Entry rlist_command;
extern const Entry download_command;

}  // namespace mox::cli::schnapps
