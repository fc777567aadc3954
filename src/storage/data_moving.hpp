#pragma once

#include "base/error.hpp"

namespace mox::storage {

/// Moves what one of the emptier data block groups of a mounted btrfs holds into the others, so that its
/// place on the device can be given to metadata: a balance of data, one block group at most. Takes as long as
/// copying it (1 GiB at most). A power cut does no harm: the kernel goes on at the next mount. False: none
/// can be moved (no room in the others, or none for the move itself; data and metadata are mixed; a balance
/// of the user's is paused or runs for minutes). `directory` is an open directory of the file system. Errors:
/// `card`.
[[nodiscard]] Expected<bool> move_data_together(int directory);

}  // namespace mox::storage
