#pragma once

#include <fcntl.h>

#include <array>
#include <filesystem>

#include "base/file.hpp"
#include "base/units.hpp"
#include "storage/partitions.hpp"
#include "support/loop_image.hpp"

namespace mox::test_support {

/// Tells the kernel of partition 1, from 1 MiB to the end, of an image that was made before it was attached.
/// Returns its node. Throws on failure.
inline std::filesystem::path register_first_partition(const LoopImage& disk) {
    constexpr Bytes start{1 << 20};
    const auto size = Bytes{std::filesystem::file_size(disk.image())} - start;
    const auto open = must(open_file(disk.node(), O_RDONLY, ErrorKind::internal));
    const std::array partitions{storage::Partition{1, start, size}};
    const auto refused =
        must(storage::register_partitions(open.get(), disk.node(), partitions, ErrorKind::internal));
    if (!refused.empty()) throw std::runtime_error("partition refused: " + refused.front().message);
    return disk.partition();
}

}  // namespace mox::test_support
