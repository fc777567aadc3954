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

bool may_be_deleted_unchanged(const Snapshot& snapshot) {
    return snapshot.type != SnapshotType::single && snapshot.type != SnapshotType::save;
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

Expected<std::vector<Number>> unchanged_snapshots(const std::vector<Snapshot>& snapshots,
                                                  const AreTheSame& are_the_same) {
    std::vector<Number> unchanged;
    const Snapshot* older = nullptr;
    for (const auto& newer : snapshots) {
        if (!newer.usable()) continue;
        if (older != nullptr && may_be_deleted_unchanged(*older)) {
            auto same = TRY(are_the_same(*older, newer));
            if (same) unchanged.push_back(older->number);
        }
        older = &newer;
    }
    return unchanged;
}

}  // namespace mox::snapshots
