#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "storage/drive.hpp"
#include "storage/drives.hpp"

namespace mox::storage {

/// The disk that takes the place of the card.
struct Redirection {
    std::string uuid;  ///< of the btrfs in one of its partitions
    /// Its storage::identity, used while it is formatted and no file system has the UUID; empty: only the
    /// UUID counts.
    std::string disk = {};
};

/// Decorates other drives: one of them takes the place of the card, and the card becomes a USB drive.
class RedirectedDrives final : public Drives {
public:
    RedirectedDrives(std::unique_ptr<Drives> drives, Redirection redirection);

    /// Probes every disk. Errors (`card`): no disk matches, or more than one.
    [[nodiscard]] Expected<std::vector<Drive>> plugged_in() override;

    [[nodiscard]] boost::asio::awaitable<bool> change_before(Clock::time_point deadline) override;

private:
    std::unique_ptr<Drives> drives_;
    Redirection redirection_;
};

}  // namespace mox::storage
