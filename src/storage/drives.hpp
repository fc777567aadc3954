#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// The drives that are plugged in right now. Implementations: sysfs (sysfs_drives.hpp), a list given by
/// hand (listed_drives.hpp: the simulated board, `mox-rescue run --card`), and others with another disk in
/// the place of the card (redirected_drives.hpp).
class Drives {
public:
    virtual ~Drives() = default;

    /// The card first (if there is one), then USB drives, then others, in a stable order.
    /// Errors: the drives cannot be listed; `card`: one was named to be the card and is not there.
    [[nodiscard]] virtual Expected<std::vector<Drive>> plugged_in() = 0;

    /// Waits until another drive may have come: true; false when `deadline` came first, and at once where
    /// nothing can ever change (a list given by hand).
    [[nodiscard]] virtual boost::asio::awaitable<bool> change_before(Clock::time_point deadline) = 0;
};

}  // namespace mox::storage
