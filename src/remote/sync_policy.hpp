#pragma once

#include <string>
#include <vector>

#include "remote/backup.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::remote {

/// A snapshot on the card, also a damaged one.
struct LocalSnapshot {
    snapshots::Number number;
    snapshots::SnapshotType type = snapshots::SnapshotType::single;
    std::string id;  ///< UUID of its subvolume
    bool usable = true;
};

struct SyncRules {
    std::vector<snapshots::SnapshotType> types;  ///< which snapshots are uploaded
    bool keep_forever = false;                   ///< nothing is removed
};

struct SyncPlan {
    std::vector<snapshots::Number> upload;  ///< oldest number first
    std::vector<std::string> remove;        ///< names of backups
};

/// What `sync` does. Pure. A snapshot is uploaded if it has one of the types, and no complete backup of this
/// file system has the same subvolume UUID: its number and its time may be those of another one.
///
/// A backup is removed only if all of this is true:
/// - `sync` has uploaded it, from this file system, and since the last re-flash (the same `@factory`);
/// - it is a backup of a snapshot, and that one is not on the card, damaged or not;
/// - at least one snapshot is on the card: a card without any was not cleaned up, it was lost;
/// - keep_forever is off.
/// So what a user has uploaded, another router, the system before a re-flash, or a router in the field,
/// stays.
[[nodiscard]] SyncPlan plan_sync(const std::vector<LocalSnapshot>& local, const std::vector<Backup>& backups,
                                 const SystemId& system, const SyncRules& rules);

/// Whether a backup is a complete copy of the snapshot with this subvolume UUID.
[[nodiscard]] bool is_backup_of(const Backup& backup, const std::string& snapshot, const SystemId& system);

}  // namespace mox::remote
