// `schnapps upload`: a snapshot, or the current system, as a backup on a server.

#include <array>
#include <utility>

#include "cli/compression_option.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "cli/schnapps/remote/remote_call.hpp"
#include "cli/schnapps/remote/remote_entries.hpp"
#include "cli/schnapps/remote/upload_snapshot.hpp"
#include "remote/download.hpp"
#include "snapshots/listing.hpp"

namespace mox::cli::schnapps {

namespace {

struct Upload {
    std::optional<snapshots::Number> number;
    ServerChoice server;
    medkit::CompressionLevel level{};
};

/// The UUID of the snapshot's subvolume; empty: the current system.
Expected<std::string> id_of(const Upload& command, const snapshots::TopLevel& top) {
    if (!command.number) return std::string();
    TRY(snapshots::require_usable(top, *command.number));
    for (const auto& snapshot : TRY(local_snapshots(top)))
        if (snapshot.number == *command.number) return snapshot.id;
    return std::string();
}

/// The backup of this snapshot that the server has already.
remote::Result<std::optional<remote::Backup>> existing_backup(const std::string& id,
                                                              const remote::SystemId& system,
                                                              RemoteCall& call) {
    if (id.empty()) return std::nullopt;
    auto backups = remote::list_backups(*call.store, call.patience);
    if (!backups && backups.error().cause == remote::Cause::missing) return std::nullopt;
    if (!backups) return std::unexpected(std::move(backups).error());
    for (auto& backup : *backups)
        if (remote::is_backup_of(backup, id, system)) return std::move(backup);
    return std::nullopt;
}

Expected<std::string> upload(const Upload& command, Session& session) {
    auto call = TRY(begin_remote_call(command.server, session));
    auto top = TRY(session.open(snapshots::Purpose::change));
    const auto system = TRY(system_id(top));
    const auto id = TRY(id_of(command, top));
    const auto claim = TRY(remote::UploadClaim::make(system.file_system));
    const auto what = command.number ? "Snapshot " + to_text(*command.number) : std::string("Current system");
    const auto existing = TRY(in_session(existing_backup(id, system, call), session));
    if (existing) {
        session.set_exit_status(exit_nothing_to_do);
        session.print(what + " is on the server already, as " + existing->name);
        return session.json() ? json_of({{"name", existing->name}, {"uploaded", false}}) : std::string();
    }
    auto sent = TRY(upload_snapshot(
        {.number = command.number, .id = id, .by = remote::UploadedBy::user, .level = command.level}, top,
        system, call, session));
    const auto uploaded = TRY(in_session(std::move(sent), session));
    session.print("uploaded, " + to_text(uploaded.size));
    if (session.json())
        return json_of({{"name", uploaded.name},
                        {"uploaded", true},
                        {"archive", uploaded.archive},
                        {"size", static_cast<std::int64_t>(uploaded.size.count)}});
    return what + " was uploaded to " + call.store->shown() + " as " + uploaded.archive + "\n";
}

constexpr auto options = join(server_options, std::array{level_option});

/// "[N] [URL [PATH]]": a number is a snapshot.
Expected<Command> make(const Parsed& parsed) {
    const auto level = TRY(compression_level_in(parsed));
    Upload command{.number = {}, .server = server_choice_in(parsed), .level = level};
    auto words = parsed.words;
    if (!words.empty() && !words.front().contains("://")) {
        if (words.front() != "current") command.number = TRY(number_in(words.front()));
        words.erase(words.begin());
    }
    if (words.size() > 2) return wrong_usage("at most a number, a URL and a path");
    if (!words.empty() && !words.front().contains("://"))
        return wrong_usage("\"" + words.front() + "\" is not the URL of a server");
    if (!words.empty()) command.server.url = words.front();
    if (words.size() == 2) command.server.path = words.back();
    return RemoteCommand{[command](Session& session) { return upload(command, session); }};
}

}  // namespace

const Entry upload_command{{.name = "upload",
                            .words = "[N] [URL] [PATH]",
                            .help = "upload a snapshot, or the current system, as a backup to a server",
                            .options = options},
                           &make};

}  // namespace mox::cli::schnapps
