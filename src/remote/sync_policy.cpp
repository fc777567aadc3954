#include "remote/sync_policy.hpp"

#include <algorithm>

namespace mox::remote {

namespace {

bool may_be_removed(const Backup& backup, const std::vector<LocalSnapshot>& local, const SystemId& system) {
    const auto& origin = backup.origin;
    if (origin.by != UploadedBy::sync || origin.snapshot.empty()) return false;
    // An identity with a part missing is that of any system.
    if (origin.system.file_system.empty() || origin.system.factory.empty()) return false;
    if (origin.system != system) return false;
    return std::ranges::find(local, origin.snapshot, &LocalSnapshot::id) == local.end();
}

}  // namespace

bool is_backup_of(const Backup& backup, const std::string& snapshot, const SystemId& system) {
    return backup.usable() && !snapshot.empty() && backup.origin.snapshot == snapshot &&
           backup.origin.system.file_system == system.file_system;
}

SyncPlan plan_sync(const std::vector<LocalSnapshot>& local, const std::vector<Backup>& backups,
                   const SystemId& system, const SyncRules& rules) {
    SyncPlan plan;
    for (const auto& snapshot : local) {
        const bool is_wanted =
            snapshot.usable && std::ranges::find(rules.types, snapshot.type) != rules.types.end();
        const bool is_there = std::ranges::any_of(
            backups, [&](const Backup& backup) { return is_backup_of(backup, snapshot.id, system); });
        if (is_wanted && !is_there) plan.upload.push_back(snapshot.number);
    }
    std::ranges::sort(plan.upload);
    if (rules.keep_forever || local.empty()) return plan;
    for (const auto& backup : backups)
        if (may_be_removed(backup, local, system)) plan.remove.push_back(backup.name);
    return plan;
}

}  // namespace mox::remote
