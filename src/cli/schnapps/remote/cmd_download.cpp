// `schnapps download`: a backup from a server, as files; and `import remote:BACKUP`, as a snapshot.

#include <array>
#include <utility>

#include "backup/export_files.hpp"
#include "base/file.hpp"
#include "base/interruption.hpp"
#include "cli/schnapps/archive_input.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "cli/schnapps/remote/remote_call.hpp"
#include "cli/schnapps/remote/remote_entries.hpp"
#include "cli/schnapps/remote_commands.hpp"
#include "console/console_progress.hpp"
#include "medkit/checksum_file.hpp"
#include "network/download.hpp"
#include "remote/download.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;

struct Download {
    std::string backup;  ///< number or name
    fs::path directory = ".";
    Existing existing = Existing::keep;
    ServerChoice server;
};

/// Reads an archive into an open file, with its SHA-256. Errors: as read_archive.
Expected<medkit::Sha256Digest> fetch(const remote::Backup& backup, int file, RemoteCall& call,
                                     Session& session) {
    medkit::Sha256 hash;
    console::TerminalBar bar("download");
    const auto verified =
        TRY(in_session(remote::read_archive(
                           *call.store, backup,
                           [&](std::string_view bytes) {
                               hash.update(std::as_bytes(std::span(bytes)));
                               return write_all(file, bytes, backup.archive, ErrorKind::medkit);
                           },
                           call.patience, bar.bytes()),
                       session));
    session.print(verified == remote::Verified::by_sum
                      ? backup.archive + ": the checksum is right"
                      : "warning: " + backup.archive +
                            " has no checksum on the server, so damage cannot be detected");
    return hash.finish();
}

std::string sum_line(const remote::Backup& backup, const medkit::Sha256Digest& sum) {
    return medkit::checksum_line(medkit::to_hex(sum), backup.archive);
}

Expected<remote::Backup> find_backup(const std::string& word, RemoteCall& call, Session& session) {
    const auto top = TRY(session.open(snapshots::Purpose::read));
    const auto system = TRY(system_id(top));
    const auto backups = TRY(in_session(remote::list_backups(*call.store, call.patience), session));
    auto backup = remote::backup_named(backups, word, system);
    if (!backup) session.set_exit_status(exit_refused);
    return backup;
}

Expected<std::string> download(const Download& command, Session& session) {
    auto call = TRY(begin_remote_call(command.server, session));
    const auto backup = TRY(find_backup(command.backup, call, session));
    const Interruption interruption(DuringCommit::deferred);
    const bool is_encrypted = backup.archive.ends_with(remote::encrypted_ending);
    auto files = TRY(backup::ExportFiles::begin(
        command.directory, backup.name,
        is_encrypted ? backup::ExportFormat::encrypted : backup::ExportFormat::plain, command.existing));
    const auto sum = TRY(fetch(backup, files.archive(), call, session));
    TRY(files.add(backup.archive + std::string(remote::sum_ending), sum_line(backup, sum)));
    TRY(files.add(backup.name + std::string(remote::info_ending), snapshots::format_info(backup.info)));
    const auto paths = TRY(files.finish());
    std::vector<std::string> names;
    names.reserve(paths.size());
    for (const auto& path : paths) names.push_back(path.native());
    if (session.json()) return json_of({{"files", std::move(names)}});
    std::string text;
    for (const auto& name : names) text += name + "\n";
    return text;
}

struct RemoteImport {
    std::string backup;
    fs::path keys;
    bool force = false;
};

/// A file in memory with a content.
Expected<void> put_into(const network::MemoryDirectory& memory, const std::string& name,
                        const std::string& text) {
    const auto file = TRY(memory.create(name));
    return write_all(file.get(), text, name, ErrorKind::internal);
}

/// The backup goes into memory: a card that is nearly full has no space for its archive too.
Expected<std::string> import_remote(const RemoteImport& command, Session& session) {
    auto call = TRY(begin_remote_call({}, session));
    const auto backup = TRY(find_backup(command.backup, call, session));
    std::optional<Interruption> interruption;
    interruption.emplace(DuringCommit::deferred);
    constexpr Bytes room_for_small_files{1 << 20};
    const auto memory = TRY(
        network::MemoryDirectory::make(backup.size.value_or(Bytes{}) + room_for_small_files), "the backup");
    {
        const auto file = TRY(memory.create(backup.archive));
        const auto sum = TRY(fetch(backup, file.get(), call, session));
        TRY(put_into(memory, backup.archive + std::string(remote::sum_ending), sum_line(backup, sum)));
        TRY(put_into(memory, backup.name + std::string(remote::info_ending),
                     snapshots::format_info(backup.info)));
    }
    interruption.reset();
    const auto file = fs::path("/proc/self/fd") / std::to_string(memory.fd()) / backup.archive;
    return import_file({.file = file, .keys = command.keys, .force = command.force}, session,
                       &remote::without_origin);
}

constexpr auto options = join(
    std::array{
        OptionEntry{.names = "-f,--force", .help = "replace files of the same name"},
    },
    place_options);

Expected<Command> make(const Parsed& parsed) {
    Download command{.backup = parsed.words.front(),
                     .directory = ".",
                     .existing = parsed.has("--force") ? Existing::replace : Existing::keep,
                     .server = server_choice_in(parsed)};
    if (parsed.words.size() > 1) command.directory = TRY(path_in(parsed.words.back(), "directory"));
    return RemoteCommand{[command](Session& session) { return download(command, session); }};
}

}  // namespace

const Entry download_command{{.name = "download",
                              .words = "N|NAME [DIRECTORY]",
                              .help = "get a backup from a server, with its checksum verified",
                              .options = options},
                             &make};

Expected<Command> import_from_remote(const std::string& backup, const fs::path& keys, bool force) {
    if (backup.empty()) return wrong_usage("remote: needs the number or the name of a backup");
    const RemoteImport command{.backup = backup, .keys = keys, .force = force};
    return RemoteCommand{[command](Session& session) { return import_remote(command, session); }};
}

}  // namespace mox::cli::schnapps
