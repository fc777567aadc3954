// `schnapps import`: an exported file becomes a snapshot, or with -f the factory image.

#include <array>
#include <string_view>
#include <utility>

#include "backup/import_snapshot.hpp"
#include "cli/schnapps/archive_input.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "cli/schnapps/remote_commands.hpp"
#include "console/console_progress.hpp"

namespace mox::cli::schnapps {

namespace {

constexpr std::array options{
    OptionEntry{.names = "-f,--factory",
                .help = "make it the factory image instead; FILE may be its https:// address"},
    OptionEntry{.names = "--force",
                .help = "even without signature and checksum, or if it does not boot a router"},
    keys_option,
};

Expected<Command> make(const Parsed& parsed) {
    const auto file = TRY(path_in(parsed.words.front(), "file"));
    const bool force = parsed.has("--force");
    constexpr std::string_view remote = "remote:";
    if (file.starts_with(remote) && !parsed.has("--factory"))
        return import_from_remote(file.substr(remote.size()), keys_of(parsed), force);
    if (parsed.has("--factory"))
        return ImportFactory{.source = file, .keys = keys_of(parsed), .force = force};
    return Import{.file = file, .keys = keys_of(parsed), .force = force};
}

}  // namespace

const Entry import_command{
    {.name = "import",
     .words = "FILE",
     .help = "make a snapshot of an exported file: its .info, or the .tar.gz beside it",
     .options = options},
    &make};

Expected<std::string> run(const Import& command, Session& session) {
    return import_file(command, session, [](snapshots::SnapshotInfo info) { return info; });
}

Expected<std::string> import_file(const Import& command, const Session& session,
                                  const ChangeInfo& stored_info) {
    auto configuration = TRY(session.configuration());
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto rules = TRY(source_rules(command.keys, configuration.encryption_password, command.force));
    rules.unverified = backup::UnverifiedFile::accept_export;
    auto source = TRY(verified(command.file, rules, top));
    source.info = stored_info(std::move(source.info));
    print_warnings(source, session);
    console::TerminalBar bar("import");
    Change change(session, top);
    auto snapshot = TRY(backup::import_snapshot(source, [&] { return change.begin(); }, bar.bytes()));
    if (session.json()) return snapshot_json(snapshot);
    return "Snapshot imported as number " + to_text(snapshot.number) + "\n";
}

Expected<std::string> run(const ImportFactory& command, Session& session) {
    auto configuration = TRY(session.configuration());
    auto rules = TRY(source_rules(command.keys, configuration.encryption_password, command.force));
    rules.unverified = backup::UnverifiedFile::accept;
    return install_as_factory(command.source, update::Companions::any_checksum, rules, session);
}

}  // namespace mox::cli::schnapps
