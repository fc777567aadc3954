#include "snapshots/rollback_policy.hpp"

#include <algorithm>
#include <ranges>

namespace mox::snapshots {

namespace {

bool is_state_to_return_to(const Snapshot& snapshot) {
    return snapshot.usable() && snapshot.type != SnapshotType::rollback;
}

}  // namespace

Target one_step_back(const std::vector<Snapshot>& snapshots) {
    auto newest_first = snapshots;
    std::ranges::sort(newest_first, std::ranges::greater(), &Snapshot::number);
    std::erase_if(newest_first, [](const Snapshot& one) { return !one.usable(); });
    if (newest_first.empty()) return Factory{};

    auto older_than = Number{highest_number.value + 1};
    if (const auto& newest = newest_first.front(); newest.type == SnapshotType::rollback && newest.roll_to) {
        if (std::holds_alternative<Factory>(*newest.roll_to)) return Factory{};
        older_than = std::get<Number>(*newest.roll_to);
    }
    for (const auto& snapshot : newest_first)
        if (is_state_to_return_to(snapshot) && snapshot.number < older_than) return snapshot.number;
    return Factory{};
}

}  // namespace mox::snapshots
