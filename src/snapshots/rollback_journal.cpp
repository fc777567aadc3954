#include "snapshots/rollback_journal.hpp"

#include "snapshots/info_file.hpp"
#include "snapshots/uuid_text.hpp"

namespace mox::snapshots {

namespace {

constexpr std::string_view old_root_key = "OLD_ROOT";
constexpr std::string_view no_root = "none";

}  // namespace

std::string format_journal(const RollbackJournal& journal) {
    SnapshotInfo info{.type = SnapshotType::rollback,
                      .description = {},
                      .created = journal.created,
                      .roll_to = journal.target,
                      .other = {},
                      .warning = {}};
    info.other.emplace_back(old_root_key,
                            journal.old_root ? to_text(*journal.old_root) : std::string(no_root));
    return format_info(info);
}

std::optional<RollbackJournal> parse_journal(std::string_view text) {
    const auto info = parse_info(text);
    if (info.type != SnapshotType::rollback || !info.roll_to) return std::nullopt;
    for (const auto& [key, value] : info.other) {
        if (key != old_root_key) continue;
        if (value == no_root)
            return RollbackJournal{.target = *info.roll_to, .old_root = {}, .created = info.created};
        if (const auto uuid = uuid_named(value))
            return RollbackJournal{.target = *info.roll_to, .old_root = uuid, .created = info.created};
    }
    return std::nullopt;
}

RollbackRepair plan_rollback_repair(const std::optional<RollbackJournal>& journal,
                                    const std::optional<storage::Uuid>& root,
                                    const std::optional<storage::Uuid>& new_root) {
    if (!new_root) return RollbackRepair::nothing_to_do;
    if (!root && journal && !journal->old_root) return RollbackRepair::activate_new_root;
    if (journal && journal->old_root && journal->old_root == root) return RollbackRepair::undo;
    if (journal && journal->old_root && journal->old_root == new_root)
        return RollbackRepair::archive_old_root;
    return RollbackRepair::keep_unknown;
}

}  // namespace mox::snapshots
