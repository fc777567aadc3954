#pragma once

#include <filesystem>

namespace mox::bench {

struct OurRun {
    std::filesystem::path drive;   ///< directory with the medkit and what stands beside it
    std::filesystem::path keys;    ///< trusted public keys
    std::filesystem::path target;  ///< empty directory on the card
};

/// Verifies, unpacks and syncs as mode 4 does, and prints where the time went and the peak memory of this
/// process, one "name value" a line (milliseconds; KiB). Returns the exit status.
int run_ours(const OurRun& run);

}  // namespace mox::bench
