#include "snapshots/room_policy.hpp"

#include <algorithm>
#include <array>

namespace mox::snapshots {

std::vector<Number> expendable_snapshots(const std::vector<Snapshot>& snapshots,
                                         const std::optional<Target>& keep) {
    constexpr std::array types{SnapshotType::time, SnapshotType::pre, SnapshotType::post};
    auto oldest_first = snapshots;
    std::ranges::sort(oldest_first, {}, &Snapshot::number);
    std::vector<Number> expendable;
    for (const auto type : types)
        for (const auto& snapshot : oldest_first)
            // Without a readable info file nobody knows who made it.
            if (snapshot.type == type && snapshot.usable() && snapshot.info_trouble.empty() &&
                keep != Target(snapshot.number))
                expendable.push_back(snapshot.number);
    return expendable;
}

}  // namespace mox::snapshots
