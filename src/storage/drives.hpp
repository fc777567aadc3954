#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// The drives that are plugged in right now. Implementations: sysfs (sysfs_drives.hpp), a fixed list
/// (listed_drives.hpp: the simulated board, `mox-rescue run --card`), and a decorator that puts another disk
/// in the place of the card (redirected_drives.hpp).
class Drives {
public:
    virtual ~Drives() = default;

    /// The card first (if there is one), then USB drives, then others, in a stable order. Errors: the drives
    /// cannot be listed; `card`: the disk that is named as the card is missing.
    [[nodiscard]] virtual Expected<std::vector<Drive>> plugged_in() = 0;

    /// Waits until a drive may have been plugged in, and returns true. Returns false at `deadline`, and at
    /// once where the drives cannot change (a fixed list).
    [[nodiscard]] virtual boost::asio::awaitable<bool> change_before(Clock::time_point deadline) = 0;
};

}  // namespace mox::storage
