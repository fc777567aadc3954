#include "medkit/sparse_map.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace mox::medkit {

Expected<std::vector<DataExtent>> data_extents(int file, std::uint64_t size, std::string_view name) {
    constexpr std::size_t most_extents = 10'000;
    std::vector<DataExtent> extents;
    for (off_t end = 0; static_cast<std::uint64_t>(end) < size;) {
        const off_t data = ::lseek(file, end, SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;  // a hole up to the end
        if (data < 0 && errno == EINVAL) return std::vector{DataExtent{0, size}};
        if (data < 0) return fail_errno(ErrorKind::medkit, name);
        end = ::lseek(file, data, SEEK_HOLE);
        if (end < 0) return fail_errno(ErrorKind::medkit, name);
        const auto offset = std::min(static_cast<std::uint64_t>(data), size);
        if (offset < size)
            extents.push_back({offset, std::min(static_cast<std::uint64_t>(end), size) - offset});
        if (extents.size() > most_extents) return std::vector{DataExtent{0, size}};
    }
    return extents;
}

}  // namespace mox::medkit
