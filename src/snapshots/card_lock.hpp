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

/// How a writer waits while another writer holds the lock.
struct LockWait {
    /// Called once, before the waiting starts ("waiting for another schnapps to finish").
    std::function<void()> on_wait{};
    /// nullopt: no limit.
    std::optional<std::chrono::milliseconds> limit{};
};

/// The lock for changes of the snapshots of a file system; it has one holder at a time, across processes,
/// mounts and mount namespaces. It is a flock on the top-level directory itself: no lock file can be left
/// behind, and the kernel frees it when its holder dies. Readers do not take it.
class CardLock {
public:
    /// Errors (`snapshot`): busy for longer than the limit.
    [[nodiscard]] static Expected<CardLock> acquire(const TopLevel& top, const LockWait& wait = {});

private:
    explicit CardLock(UniqueFd directory) : directory_(std::move(directory)) {}

    UniqueFd directory_;  ///< a separate open file description, which owns the flock
};

/// Permission to change snapshots: every function that changes them takes one. `begin` takes the lock and
/// repairs what an earlier writer left behind at a kill or power cut. Signals are refused during its lifetime
/// (base/interruption.hpp).
class Writer {
public:
    /// Precondition: `top` was opened with Purpose::change, and outlives this. Errors (`snapshot`): busy;
    /// (`card`): the repair failed.
    [[nodiscard]] static Expected<Writer> begin(const TopLevel& top, const LockWait& wait = {});

    [[nodiscard]] const TopLevel& top() const { return *top_; }
    [[nodiscard]] int directory() const { return top_->directory(); }

    /// Messages about the repairs ("the interrupted rollback to snapshot 3 was completed").
    [[nodiscard]] const std::vector<std::string>& repairs() const { return repairs_; }

private:
    Writer(const TopLevel& top, CardLock lock, Commit commit, std::vector<std::string> repairs);

    const TopLevel* top_;
    CardLock lock_;
    Commit commit_;
    std::vector<std::string> repairs_;
};

}  // namespace mox::snapshots
