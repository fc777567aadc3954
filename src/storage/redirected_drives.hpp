#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "storage/drive.hpp"
#include "storage/drives.hpp"

namespace mox::storage {

/// Which disk is to take the place of the card.
struct Redirection {
    std::string uuid;  ///< of the btrfs in one of its partitions
    /// Its storage::identity, for the time when it is being formatted and no file system has the UUID; empty:
    /// only the UUID counts.
    std::string disk = {};
};

/// Other drives, with one of them in the place of the card. The card itself is a drive like those in USB
/// ports.
class RedirectedDrives final : public Drives {
public:
    RedirectedDrives(std::unique_ptr<Drives> drives, Redirection redirection);

    /// Looks into every disk. Errors (`card`): none, or more than one, is the one that is meant.
    [[nodiscard]] Expected<std::vector<Drive>> plugged_in() override;

    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline) override;

private:
    std::unique_ptr<Drives> drives_;
    Redirection redirection_;
};

}  // namespace mox::storage
