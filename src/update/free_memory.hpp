#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "network/transfer.hpp"

namespace mox::update {

/// What a download may take of the memory now: what is available without the reserve for everything else
/// (medkit/ram_copy.hpp). Errors (`internal`): the kernel does not tell.
[[nodiscard]] Expected<Bytes> memory_for_download();

/// Refuses (`medkit`) what does not fit into the memory; asked again while bytes come, because others take
/// memory as well.
[[nodiscard]] network::RoomCheck free_memory();

/// For the log: what this program has taken at most, and what is free now. Empty when the kernel does not
/// tell.
[[nodiscard]] std::string memory_used();

}  // namespace mox::update
