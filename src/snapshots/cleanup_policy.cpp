#include "snapshots/cleanup_policy.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace mox::snapshots {

namespace {

KeepLimit limit_of(SnapshotType type, const KeepLimits& limits) {
    switch (type) {
        case SnapshotType::single:
            return limits.single;
        case SnapshotType::time:
            return limits.time;
        case SnapshotType::pre:
        case SnapshotType::post:
            return limits.updater;
        case SnapshotType::rollback:
            return limits.rollback;
        case SnapshotType::save:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::vector<Number> superfluous_snapshots(const std::vector<Snapshot>& snapshots, const KeepLimits& limits) {
    auto newest_first = snapshots;
    std::ranges::sort(newest_first, std::ranges::greater(), &Snapshot::number);

    std::map<SnapshotType, unsigned> kept;
    std::vector<Number> superfluous;
    for (const auto& snapshot : newest_first) {
        if (!snapshot.usable()) continue;
        const auto limit = limit_of(snapshot.type, limits);
        auto& count = kept[snapshot.type];
        if (limit && count >= *limit)
            superfluous.push_back(snapshot.number);
        else
            ++count;
    }
    std::ranges::reverse(superfluous);
    return superfluous;
}

}  // namespace mox::snapshots
