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

/// Lines about what is deleted to make room.
using RoomLog = std::function<void(const std::string&)>;

/// Whether a system call failed because the card, or a quota group, has no room.
[[nodiscard]] bool is_full(const Error& error);

/// An error for which `is_full` says yes, together with what is full, in numbers, and what to do; any other
/// one as it is.
[[nodiscard]] Error with_advice(const TopLevel& top, Error&& error);

/// Makes room on a full card, one step at each call, until enough of it is there. In this order:
///   1. the limits of quota groups, if one is reached, for as long as this lives (quota.hpp)
///   2. waits for what was deleted before: the kernel frees space in the background
///   3. what a savepoint has reserved for its rollback
///   4. the logs of the rescue system in `@`
///   5. the place of a data block group, whose data the others can take (data_moving.hpp)
///   6. snapshots that were made by themselves (room.hpp), but not those that cleanup leaves alone, as
///      long as deleting the rest of them can be enough, going by what the deletions so far have freed; then
///      step 5 once more, which needs some room itself
/// Everything that is deleted is told by name. Nothing that a user made is ever deleted.
class RoomMaker {
public:
    /// Precondition: the caller holds the lock; `top` was opened with Purpose::change, and outlives this.
    /// `keep`: the target of the rollback.
    RoomMaker(const TopLevel& top, std::optional<Target> keep, RoomLog log);

    /// Does the next step after a failure with `why`. False: nothing is left to do. Errors (`card`).
    [[nodiscard]] Expected<bool> free_more(const Error& why);

    /// Calls `work` until it does not fail for lack of room, and makes room in between. `work` can be called
    /// again after such a failure. Its last error when nothing is left to delete (`with_advice`).
    template <typename T>
    [[nodiscard]] Expected<T> make_room_for(const std::function<Expected<T>()>& work) {
        for (;;) {
            auto result = work();
            if (result || !is_full(result.error())) return result;
            auto more = TRY(free_more(result.error()), "no room can be made on the full card");
            if (!more) return result;
        }
    }

private:
    enum class Step {
        what_was_deleted,
        savepoint_reserve,
        rescue_logs,
        data,
        snapshots,
        data_once_more,
        nothing
    };

    [[nodiscard]] Expected<bool> lift_limits();
    [[nodiscard]] Expected<bool> take(Step step);
    [[nodiscard]] Expected<bool> delete_reserve();
    [[nodiscard]] Expected<bool> delete_rescue_logs();
    [[nodiscard]] Expected<bool> move_data();
    [[nodiscard]] Expected<bool> delete_next_snapshot();
    [[nodiscard]] Expected<bool> can_suffice(std::size_t left);
    [[nodiscard]] Expected<bool> wait_for_space();
    void tell(const std::string& line) const;

    const TopLevel* top_;
    std::optional<Target> keep_;
    RoomLog log_;
    Step step_ = Step::what_was_deleted;
    std::vector<Number> kept_;            ///< snapshots that may not be deleted
    std::optional<Bytes> room_at_first_;  ///< before the first snapshot was deleted
    std::size_t deleted_ = 0;             ///< snapshots
    std::optional<LiftedQuotaLimits> lifted_;
};

/// Which snapshots may be deleted to make room on a full card, and in which order: those that were made by
/// themselves, first all of type time, then pre, then post, of each type the oldest first. Never `keep` (the
/// target of a rollback), never what a user made by hand (single, save), and never the state before a
/// rollback: the user's files of that time are nowhere else. `snapshots` in any order.
[[nodiscard]] std::vector<Number> expendable_snapshots(const std::vector<Snapshot>& snapshots,
                                                       const std::optional<Target>& keep);

}  // namespace mox::snapshots
