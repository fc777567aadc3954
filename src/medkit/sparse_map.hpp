#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// A stretch of a file that is not a hole.
struct DataExtent {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    bool operator==(const DataExtent&) const = default;
};

/// Where the data of an open file of `size` bytes is (SEEK_DATA, SEEK_HOLE), in order; one extent over all of
/// it when it has no hole, when its file system cannot tell, or when there are more than 10,000: a map as
/// long as that would not be read again (TarReader). Moves the file's position. `name` is for messages.
/// Errors (`medkit`).
[[nodiscard]] Expected<std::vector<DataExtent>> data_extents(int file, std::uint64_t size,
                                                             std::string_view name);

}  // namespace mox::medkit
