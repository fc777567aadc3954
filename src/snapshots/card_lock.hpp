#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "base/error.hpp"
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

}  // namespace mox::snapshots
