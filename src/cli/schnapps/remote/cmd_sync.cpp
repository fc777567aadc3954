// `schnapps sync`: the server gets what it lacks, and loses what is gone here.

#include <algorithm>
#include <array>
#include <utility>

#include "base/interruption.hpp"
#include "base/text.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "cli/schnapps/remote/remote_call.hpp"
#include "cli/schnapps/remote/remote_entries.hpp"
#include "cli/schnapps/remote/upload_snapshot.hpp"
#include "remote/download.hpp"

namespace mox::cli::schnapps {

namespace {

enum class Changes { made, shown_only };

struct Sync {
    std::optional<std::vector<snapshots::SnapshotType>> types;  ///< nullopt: those of the configuration
    Changes changes = Changes::made;
    ServerChoice server;
};

/// What was done, or would be done.
struct Outcome {
    std::vector<std::string> uploaded;
    std::vector<std::string> removed;
    std::vector<std::string> failed;

    [[nodiscard]] bool is_empty() const { return uploaded.empty() && removed.empty() && failed.empty(); }
};

Expected<std::vector<snapshots::SnapshotType>> types_of(const Sync& command, const RemoteCall& call) {
    auto types = command.types.value_or(call.configuration.remote.sync_types);
    if (types.empty())
        return fail(ErrorKind::snapshot, "no types of snapshots are configured to be uploaded",
                    {"set sync_types in the section remote of /etc/config/schnapps, or give -t"});
    return types;
}

/// A failure that the next snapshot would have too: the call ends.
bool ends_all(const remote::Failure& failure) {
    return failure.cause == remote::Cause::unreachable || failure.cause == remote::Cause::refused ||
           failure.cause == remote::Cause::full || stop_requested();
}

Expected<Outcome> carry_out(const remote::SyncPlan& plan, const std::vector<remote::LocalSnapshot>& local,
                            const snapshots::TopLevel& top, const remote::SystemId& system, RemoteCall& call,
                            Session& session) {
    Outcome outcome;
    for (const auto& snapshot : local) {
        if (std::ranges::find(plan.upload, snapshot.number) == plan.upload.end()) continue;
        const auto name = "snapshot " + to_text(snapshot.number);
        auto sent = upload_snapshot(
            {.number = snapshot.number, .id = snapshot.id, .by = remote::UploadedBy::sync, .level = {}}, top,
            system, call, session);
        if (!sent) {
            // It may have been deleted meanwhile.
            session.print(name + ": " + sent.error().describe());
            outcome.failed.push_back(name);
            continue;
        }
        if (*sent) {
            session.print(name + " was uploaded as " + (**sent).archive);
            outcome.uploaded.push_back((**sent).name);
            continue;
        }
        auto& failure = sent->error();
        if (ends_all(failure) && outcome.uploaded.empty()) return end_with(std::move(failure), session);
        session.print(name + ": " + failure.error.describe());
        outcome.failed.push_back(name);
        if (ends_all(failure)) return outcome;
    }
    for (const auto& name : plan.remove) {
        auto removed = remote::remove_backup(*call.store, name, system.file_system, call.patience);
        if (removed) {
            session.print("the backup " + name + " was removed: its snapshot was deleted");
            outcome.removed.push_back(name);
            continue;
        }
        session.print("the backup " + name + ": " + removed.error().error.describe());
        outcome.failed.push_back("removal of " + name);
        if (ends_all(removed.error())) return outcome;
    }
    return outcome;
}

/// The plan, in words.
Outcome shown(const remote::SyncPlan& plan) {
    Outcome outcome;
    for (const auto number : plan.upload) outcome.uploaded.push_back("snapshot " + to_text(number));
    outcome.removed = plan.remove;
    return outcome;
}

std::string text_of(const Outcome& outcome, Changes changes, const Session& session) {
    if (session.json())
        return json_of({{"dry_run", changes == Changes::shown_only},
                        {"uploaded", outcome.uploaded},
                        {"removed", outcome.removed},
                        {"failed", outcome.failed}});
    if (changes == Changes::made) return {};
    std::string text;
    for (const auto& name : outcome.uploaded) text += name + " would be uploaded\n";
    for (const auto& name : outcome.removed) text += "the backup " + name + " would be removed\n";
    return text;
}

Expected<std::string> sync(const Sync& command, Session& session) {
    auto call = TRY(begin_remote_call(command.server, session));
    auto types = TRY(types_of(command, call));
    const bool is_dry = command.changes == Changes::shown_only;
    auto top = TRY(session.open(is_dry ? snapshots::Purpose::read : snapshots::Purpose::change));
    const auto system = TRY(system_id(top));
    std::optional<remote::UploadClaim> claim;
    if (!is_dry) claim.emplace(TRY(remote::UploadClaim::make(system.file_system)));

    auto listed = remote::list_backups(*call.store, call.patience);
    const bool is_new = !listed && listed.error().cause == remote::Cause::missing;
    const auto backups = is_new ? std::vector<remote::Backup>() : TRY(in_session(std::move(listed), session));
    if (!is_new && !is_dry)
        TRY(in_session(remote::clear_up(*call.store, system.file_system, call.patience), session));
    const auto local = TRY(local_snapshots(top));
    const auto plan = remote::plan_sync(
        local, backups, system,
        {.types = std::move(types), .keep_forever = call.configuration.remote.keep_forever});
    const auto outcome = is_dry ? shown(plan) : TRY(carry_out(plan, local, top, system, call, session));
    if (outcome.is_empty()) {
        session.set_exit_status(exit_nothing_to_do);
        session.print("nothing to do: the server has all of it");
    }
    if (!outcome.failed.empty()) session.set_exit_status(exit_partly);
    return text_of(outcome, command.changes, session);
}

constexpr auto options = join(
    std::array{
        OptionEntry{.names = "-t,--type",
                    .value = "TYPE,...",
                    .help = "snapshots of these types, or all; by default those of sync_types"},
        OptionEntry{.names = "--dry-run", .help = "only print what would be done"},
    },
    place_options);

Expected<Command> make(const Parsed& parsed) {
    Sync command{.types = {},
                 .changes = parsed.has("--dry-run") ? Changes::shown_only : Changes::made,
                 .server = server_choice_in(parsed)};
    if (const auto types = parsed.value("--type")) {
        command.types.emplace();
        if (*types == "all") command.types = snapshots::all_types();
        std::string_view rest = *types == "all" ? std::string_view() : std::string_view(*types);
        while (!rest.empty()) command.types->push_back(TRY(type_in(std::string(take_until(rest, ',')))));
    }
    return RemoteCommand{[command](Session& session) { return sync(command, session); }};
}

}  // namespace

const Entry sync_command{
    {.name = "sync",
     .help = "upload the snapshots that the server lacks, remove backups of deleted ones",
     .options = options},
    &make};

}  // namespace mox::cli::schnapps
