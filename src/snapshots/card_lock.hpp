#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/interruption.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// What a writer does while another one is at work.
struct Patience {
    /// Called once, before the waiting starts ("waiting for another schnapps to finish").
    std::function<void()> on_wait{};
    /// None: for as long as it takes.
    std::optional<std::chrono::milliseconds> limit{};
};

/// The right to change the snapshots of a file system; one holder at a time, whichever process, mount or
/// mount namespace it comes from. It is a flock on the top-level directory itself: there is no lock file that
/// could be left behind, and the kernel frees it when its holder dies. Readers do not take it.
class CardLock {
public:
    /// Errors (`snapshot`): busy for longer than the limit.
    [[nodiscard]] static Expected<CardLock> acquire(const TopLevel& top, const Patience& patience = {});

private:
    explicit CardLock(UniqueFd directory) : directory_(std::move(directory)) {}

    UniqueFd directory_;  ///< an open file description of its own, which is what flock belongs to
};

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
