#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "network/transfer.hpp"

namespace mox::update {

/// The memory that a download may use now: the available memory without the reserve (medkit/ram_copy.hpp).
/// Errors (`internal`): the kernel does not report it.
[[nodiscard]] Expected<Bytes> memory_for_download();

/// Refuses (`medkit`) a download that does not fit into the memory. It is called repeatedly during the
/// download, because other programs use memory too.
[[nodiscard]] network::FreeSpaceCheck free_memory();

/// For the log: the largest memory use of this program, and the free memory now. Empty if the kernel does not
/// report them.
[[nodiscard]] std::string memory_used();

}  // namespace mox::update
