#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/interruption.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// The right to change snapshots: everything that changes something asks for one. Beginning takes the lock
/// and puts right what a killed or power-cut predecessor left behind. As long as it lives, signals are
/// refused (base/interruption.hpp).
class Writer {
public:
    /// Precondition: `top` was opened with Purpose::change, and outlives this.
    /// Errors (`snapshot`): busy; (`card`): what is left behind cannot be put right.
    [[nodiscard]] static Expected<Writer> begin(const TopLevel& top, const Patience& patience = {});

    [[nodiscard]] const TopLevel& top() const { return *top_; }
    [[nodiscard]] int directory() const { return top_->directory(); }

    /// For people: what was put right ("the interrupted rollback to snapshot 3 was completed").
    [[nodiscard]] const std::vector<std::string>& repairs() const { return repairs_; }

private:
    Writer(const TopLevel& top, CardLock lock, Commit commit, std::vector<std::string> repairs);

    const TopLevel* top_;
    CardLock lock_;
    Commit commit_;
    std::vector<std::string> repairs_;
};

}  // namespace mox::snapshots
