// `schnapps rlist`: the backups on a server.

#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/interruption.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "cli/schnapps/remote/backup_list.hpp"
#include "cli/schnapps/remote/remote_call.hpp"
#include "cli/schnapps/remote/remote_entries.hpp"
#include "console/console_progress.hpp"
#include "remote/download.hpp"
#include "snapshots/description.hpp"

namespace mox::cli::schnapps {

namespace {

enum class Depth { names, content };

struct RemoteList {
    ListFormat format = ListFormat::table;
    Depth depth = Depth::names;
    ServerChoice server;
};

/// Reads the archives, and writes their flaws into `backups`.
remote::Result<Findings> verify(std::vector<remote::Backup>& backups, RemoteCall& call,
                                const Session& session) {
    const Interruption interruption;
    Findings findings;
    for (auto& backup : backups) {
        if (!backup.usable()) continue;
        console::TerminalBar bar(backup.name);
        const remote::ByteSink nowhere = [](std::string_view) { return Expected<void>(); };
        const auto read = remote::read_archive(*call.store, backup, nowhere, call.patience, bar.bytes());
        if (!read && read.error().cause != remote::Cause::wrong_answer) return std::unexpected(read.error());
        if (!read) backup.flaw = read.error().error.describe();
        if (read && *read == remote::Verified::no_sum) {
            session.print(backup.name + " cannot be verified: there is no checksum of it");
            continue;
        }
        findings[backup.name] = backup.flaw;
    }
    return findings;
}

/// Numbers of two systems may be the same: then a name is needed to tell the backups apart.
void print_names(const std::vector<remote::Backup>& backups, const Session& session) {
    std::map<snapshots::Number, std::set<std::string>> names;
    for (const auto& backup : backups)
        names[backup.number().value_or(snapshots::Number{})].insert(backup.name);
    for (const auto& [number, those] : names)
        if (those.size() > 1 || number == snapshots::Number{})
            for (const auto& name : those)
                session.print((number == snapshots::Number{} ? "without a number: "
                                                             : "number " + to_text(number) + ": ") +
                              name);
}

void print_flaws(const std::vector<remote::Backup>& backups, const Session& session) {
    for (const auto& backup : backups) {
        if (!backup.usable()) session.print("warning: " + backup.name + ": " + backup.flaw);
        if (!backup.info.warning.empty())
            session.print("warning: " + backup.name +
                          ".info: " + snapshots::escaped_for_display(backup.info.warning));
    }
}

Expected<std::string> rlist(const RemoteList& command, Session& session) {
    auto call = TRY(begin_remote_call(command.server, session));
    auto backups = TRY(in_session(remote::list_backups(*call.store, call.patience), session));
    Findings findings;
    if (command.depth == Depth::content) findings = TRY(in_session(verify(backups, call, session), session));
    print_flaws(backups, session);
    for (const auto& [name, flaw] : findings)
        if (!flaw.empty()) session.set_exit_status(exit_partly);
    if (session.json()) {
        const auto top = TRY(session.open(snapshots::Purpose::read));
        return backups_json(backups, TRY(system_id(top)), findings);
    }
    print_names(backups, session);
    switch (command.format) {
        case ListFormat::csv:
            return backups_csv(backups);
        case ListFormat::json:
            return backups_parsed_json(backups);
        case ListFormat::table:
            break;
    }
    return backups_table(backups);
}

constexpr auto options = join(
    std::array{
        OptionEntry{.names = "-j", .help = "as JSON, with the keys that scripts use"},
        OptionEntry{.names = "-c,--csv", .help = "as comma separated values"},
        OptionEntry{.names = "--verify", .help = "read the archives, and compare their checksums"},
    },
    place_options);

Expected<Command> make(const Parsed& parsed) {
    if (parsed.has("-j") && parsed.has("--csv")) return wrong_usage("either -j or -c, not both");
    RemoteList command{.format = parsed.has("--csv") ? ListFormat::csv : ListFormat::table,
                       .depth = parsed.has("--verify") ? Depth::content : Depth::names,
                       .server = server_choice_in(parsed)};
    if (parsed.has("-j")) command.format = ListFormat::json;
    return RemoteCommand{[command](Session& session) { return rlist(command, session); }};
}

}  // namespace

const Entry rlist_command{{.name = "rlist", .help = "list the backups on a server", .options = options},
                          &make};

}  // namespace mox::cli::schnapps
