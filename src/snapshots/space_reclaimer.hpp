#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "snapshots/quota.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

/// Receives lines about what is deleted to free space.
using ReclaimLog = std::function<void(const std::string&)>;

/// Whether a system call failed because the card or a quota group is full.
[[nodiscard]] bool is_full(const Error& error);

/// An error for which `is_full` is true, with numbers about the free space and a hint what to do; any other
/// error unchanged.
[[nodiscard]] Error with_space_hint(const TopLevel& top, Error&& error);

/// Frees space on a full card, one step at each call, in this order:
///   1. lifts the limits of quota groups, if one is reached, during its lifetime (quota.hpp)
///   2. waits for earlier deletions: the kernel frees space in the background
///   3. deletes the reserve of a savepoint
///   4. deletes the logs of the rescue system in `@`
///   5. empties a data block group, whose data moves into the others (storage::balance_data)
///   6. deletes automatic snapshots (expendable_snapshots), but not those that cleanup keeps, as long as the
///   rest of them can free enough, estimated from the deletions so far; then step 5 again, which needs some
///   space itself
/// The log names everything that is deleted. What a user made is never deleted.
class SpaceReclaimer {
public:
    /// Precondition: the caller holds the lock; `top` was opened with Purpose::change, and outlives this.
    /// `keep`: the target of the rollback, which is not deleted.
    SpaceReclaimer(const TopLevel& top, std::optional<Target> keep, ReclaimLog log);

    /// Executes the next step after the error `why`. False: no step is left. Errors (`card`).
    [[nodiscard]] Expected<bool> free_more(const Error& why);

    /// Calls `work` until it does not fail with `is_full`, and frees space between the calls. `work` must be
    /// repeatable after such an error. Returns its last error when no step is left.
    template <typename T>
    [[nodiscard]] Expected<T> retry_with_more_space(const std::function<Expected<T>()>& work) {
        for (;;) {
            auto result = work();
            if (result || !is_full(result.error())) return result;
            auto more = TRY(free_more(result.error()), "no space can be freed on the full card");
            if (!more) return result;
        }
    }

private:
    enum class Step { deleted_subvolumes, savepoint_reserve, rescue_logs, data, snapshots, data_again, none };

    [[nodiscard]] Expected<bool> lift_limits();
    [[nodiscard]] Expected<bool> execute(Step step);
    [[nodiscard]] Expected<bool> delete_reserve();
    [[nodiscard]] Expected<bool> delete_rescue_logs();
    [[nodiscard]] Expected<bool> balance_data();
    [[nodiscard]] Expected<bool> delete_next_snapshot();
    [[nodiscard]] Expected<bool> can_free_enough(std::size_t left);
    [[nodiscard]] Expected<bool> wait_for_space();
    void log(const std::string& line) const;

    const TopLevel* top_;
    std::optional<Target> keep_;
    ReclaimLog log_;
    Step step_ = Step::deleted_subvolumes;
    std::vector<Number> kept_;            ///< snapshots that must not be deleted
    std::optional<Bytes> initial_space_;  ///< before the first deletion of a snapshot
    std::size_t deleted_ = 0;             ///< number of deleted snapshots
    std::optional<LiftedQuotaLimits> lifted_;
};

/// The snapshots that may be deleted to free space on a full card, in this order: automatic ones, first all
/// of type time, then pre, then post, of each type the oldest first. Never `keep` (the target of a rollback),
/// never those that a user made (single, save), and never those of type rollback: the user's files of that
/// time exist only there. `snapshots` in any order.
[[nodiscard]] std::vector<Number> expendable_snapshots(const std::vector<Snapshot>& snapshots,
                                                       const std::optional<Target>& keep);

}  // namespace mox::snapshots
