#include "snapshots/rollback_policy.hpp"

#include <algorithm>
#include <functional>
#include <variant>

namespace mox::snapshots {

Target one_step_back(const std::vector<Snapshot>& snapshots) {
    auto newest_first = snapshots;
    std::ranges::sort(newest_first, std::ranges::greater(), &Snapshot::number);

    Number below{highest_number.value + 1};
    for (const auto& snapshot : newest_first) {
        if (!snapshot.usable() || snapshot.number >= below) continue;
        if (snapshot.type != SnapshotType::rollback) return snapshot.number;
        if (!snapshot.roll_to) continue;
        const auto* const number = std::get_if<Number>(&*snapshot.roll_to);
        if (number == nullptr) return Factory{};  // behind which there is nothing
        below = *number;
    }
    return Factory{};
}

}  // namespace mox::snapshots
