#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mox::test_support {

/// `count` different names of the same length (at most 64 of them) to which btrfs gives the same hash
/// (CRC-32C).
[[nodiscard]] std::vector<std::string> names_with_one_btrfs_hash(std::size_t count);

}  // namespace mox::test_support
