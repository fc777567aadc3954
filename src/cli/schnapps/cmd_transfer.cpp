// `schnapps export`, `import` and `update-factory`.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "backup/archive_source.hpp"
#include "backup/exclude_list.hpp"
#include "backup/export_medkit.hpp"
#include "backup/import_snapshot.hpp"
#include "backup/work_subvolume.hpp"
#include "base/atomic_file.hpp"
#include "base/file.hpp"
#include "base/interruption.hpp"
#include "board/description.hpp"
#include "boot/contract.hpp"
#include "boot/flash_partitions.hpp"
#include "boot/uboot_environment.hpp"
#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/json.hpp"
#include "console/console_progress.hpp"
#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "snapshots/deletion.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/stored_info.hpp"
#include "update/context.hpp"
#include "update/medkit_download.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;
using snapshots::TopLevel;

Expected<medkit::SecretKey> read_secret_key(const fs::path& path) {
    auto text = TRY(read_small_file(path, ErrorKind::medkit));
    auto key = medkit::SecretKey::parse(text);
    if (!key) return pass_on(key, path.native());
    return key;
}

std::string hostname() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// "20261122-182405": exports of the same day have different names.
std::string date_now() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto text = snapshots::created_text(now, std::chrono::minutes(0)).substr(0, 19);
    std::erase(text, '-');
    std::erase(text, ':');
    text.replace(text.find(' '), 1, "-");
    return text;
}

Expected<backup::ExportRules> export_rules(const fs::path& root, const std::string& password) {
    const std::string lists = "etc/schnapps/export-exclude.d";
    auto left_out = TRY(backup::load_exclude_lists(root / lists, lists));
    const auto overlay = root / "etc/schnapps/export-overlay";
    std::error_code missing;
    return backup::ExportRules{.left_out = std::move(left_out),
                               .overlay = fs::is_directory(overlay, missing) ? overlay : fs::path(),
                               .password = password};
}

/// The tree to export: a copy that no other process changes or deletes meanwhile, with its info file.
struct ExportSource {
    backup::WorkSubvolume tree;
    snapshots::SnapshotInfo info;
    std::string name;
    std::vector<std::string> nested;  ///< subvolumes inside it, which the copy does not have
};

Expected<std::string> text_below(int directory, const std::string& path) {
    const UniqueFd file(::openat(directory, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return fail_errno(ErrorKind::internal, path);
    return read_to_end(file.get(), path, ErrorKind::internal, Bytes{64 << 10});
}

/// The files that the router of this machine needs to boot; none for an unknown router; on a PC those of a
/// MOX.
std::vector<std::vector<std::string>> boot_files() {
    const auto compatible = text_below(AT_FDCWD, "/proc/device-tree/compatible");
    if (!compatible) return board::turris_mox().boot_files;
    const auto board = board::board_for(*compatible);
    return board ? board->boot_files : std::vector<std::vector<std::string>>();
}

/// Whether at least one file of each group exists.
bool holds_all(int tree, const std::vector<std::vector<std::string>>& groups) {
    return std::ranges::all_of(groups, [tree](const auto& group) {
        return std::ranges::any_of(group, [tree](const std::string& file) {
            return ::faccessat(tree, file.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        });
    });
}

/// The prefix of the name: for the running system the board of this machine; otherwise, as on a PC with a
/// card reader, the board that can boot the system.
std::string board_of(int tree, const Session& session) {
    const auto compatible = text_below(AT_FDCWD, "/proc/device-tree/compatible");
    if (compatible && !session.options().place) return backup::board_prefix(*compatible);
    return holds_all(tree, board::turris_mox().boot_files) ? "mox" : backup::board_prefix("");
}

/// Makes the copy to export. Signals can stop the export from here on (`interruption`); the copy is deleted
/// with the source.
Expected<ExportSource> find_export_source(const Export& command, const TopLevel& top, const Session& session,
                                          std::optional<Interruption>& interruption) {
    auto writer = TRY(session.begin(top));
    interruption.emplace(DuringCommit::deferred);
    if (command.number) TRY(snapshots::require_usable(top, *command.number));
    const auto source = command.number ? subvolume_of(*command.number) : std::string(snapshots::root_name);
    auto nested = TRY(snapshots::nested_names(top, source));
    auto copy = TRY(backup::WorkSubvolume::copy_of(writer, source));
    snapshots::SnapshotInfo info;
    if (command.number) {
        info = snapshots::read_info(top.directory(), *command.number);
    } else {
        info.description = "Exported state of the system";
        info.created = snapshots::created_now();
    }
    auto name = backup::export_name(board_of(copy.root(), session), hostname(),
                                    command.number ? to_text(*command.number) : date_now());
    return ExportSource{std::move(copy), std::move(info), std::move(name), std::move(nested)};
}

/// "Snapshot 3 was exported into /mnt as mox-medkit-turris-3.tar.gz", which scripts match.
std::string message_about(const Export& command, const backup::Exported& exported) {
    return (command.number ? "Snapshot " + to_text(*command.number) : std::string("Current system")) +
           " was exported into " + command.destination + " as " + exported.files.front().filename().native() +
           "\n";
}

/// Prints what the archive does not contain.
void print_left_out(const ExportSource& source, const backup::Exported& exported, const Session& session) {
    for (const auto& name : source.nested)
        session.print("/" + name + " is a subvolume of its own and was left out");
    for (const auto& socket : exported.left_out) session.print(socket + " is a socket and was left out");
    if (const auto attributes = exported.left_out_attributes.describe(); !attributes.empty())
        session.print("warning: " + attributes);
    for (const auto& group : boot_files())
        if (!holds_all(source.tree.root(), {group}))
            session.print("warning: " + group.front() + " is missing: mode 4 installs no system without it");
}

Expected<backup::Exported> write_export(const Export& command, const ExportSource& source,
                                        const backup::ExportRules& rules) {
    console::TerminalBar bar("export");
    if (command.destination == "-")
        return backup::export_to_stream(source.tree.root(), STDOUT_FILENO, rules, bar.bytes());
    return backup::export_to_directory(source.tree.root(), command.destination, source.name, source.info,
                                       rules, bar.bytes());
}

/// A change that holds the lock only for parts of its time: signals are refused from its first `begin` to its
/// end.
class Change {
public:
    Change(const Session& session, const TopLevel& top) : session_(session), top_(top) {}

    Expected<snapshots::Writer> begin() {
        auto writer = session_.begin(top_);
        if (!writer || commit_) return writer;
        auto commit = TRY(mox::Commit::begin());
        commit_.emplace(std::move(commit));
        return writer;
    }

private:
    const Session& session_;
    const TopLevel& top_;
    std::optional<mox::Commit> commit_;
};

backup::SourceRules source_rules(const fs::path& keys, const std::string& password, bool force) {
    return {.keys = keys, .required_files = boot_files(), .password = password, .force = force};
}

Expected<backup::ArchiveSource> verified(const fs::path& file, const backup::SourceRules& rules,
                                         const TopLevel& top) {
    console::TerminalBar bar("verify");
    return backup::open_source(file, rules, top, bar.bytes());
}

std::string message_about(const medkit::VerifiedMedkit& medkit) {
    switch (medkit.trust) {
        case medkit::TrustLevel::unverified:
            return "the file is not verified: it has no signature and no checksum file";
        case medkit::TrustLevel::checksummed:
            return "the checksum is right";
        case medkit::TrustLevel::signed_by_trusted_key:
            return "signed by trusted key " + medkit.signer;
    }
    return {};
}

/// Routers under a contract have medkits of their own. An unreadable boot environment counts as no contract.
std::string contract_variant(const board::Description& board) {
    const auto partition = boot::find_flash_partition(board.environment_partition);
    const auto environment = partition ? boot::UbootEnvironment::open(*partition)
                                       : boot::UbootEnvironment::open("/etc/fw_env.config");
    return environment ? boot::medkit_variant(environment->get("contract")) : std::string();
}

/// The latest medkit for this router. Errors: `network`.
Expected<network::Url> latest_medkit() {
    const auto board = board::this_board("/").value_or(board::turris_mox());
    auto directory = TRY(network::Url::parse(board.medkit_url));
    return directory.in_directory(update::latest_medkit_name(contract_variant(board)));
}

/// Downloads a medkit and its signature or checksums; `address` empty: the latest medkit.
Expected<update::DownloadedMedkit> download(const std::string& address, update::Companions companions,
                                            const Session& session) {
    auto url = TRY(address.empty() ? latest_medkit() : network::Url::parse(address));
    Log log;
    log.add_listener([&](const LogLine& line) { session.print(line.text); });
    console::TerminalBar bar("download");
    return update::download_medkit({.medkit = std::move(url),
                                    .authorities = update::SystemPaths{}.authorities,
                                    .companions = companions},
                                   log, bar.bytes());
}

void print_warnings(const backup::ArchiveSource& source, const Session& session) {
    session.print(message_about(source.medkit));
    for (const auto& warning : source.warnings) session.print("warning: " + warning);
}

/// `source`: a file, an address, or empty for the latest medkit.
Expected<std::string> install_as_factory(const std::string& source, update::Companions companions,
                                         const backup::SourceRules& rules, const Session& session) {
    std::optional<update::DownloadedMedkit> downloaded;  // its destructor deletes the files
    fs::path file = source;
    if (source.empty() || source.contains("://")) {
        auto done = TRY(download(source, companions, session));
        downloaded.emplace(std::move(done));
        file =
            fs::path("/proc/self/fd") / std::to_string(downloaded->directory()) / downloaded->files().archive;
    }
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto archive = TRY(verified(file, rules, top));
    print_warnings(archive, session);
    console::TerminalBar bar("update the factory image");
    Change change(session, top);
    TRY(backup::update_factory(archive, [&] { return change.begin(); }, bar.bytes()));
    const auto& version = archive.medkit.base.summary.version;
    session.print("the factory image is now " +
                  (version.empty() ? std::string("of an unknown version") : version));
    return session.json() ? json_of({{"version", version}}) : std::string();
}

}  // namespace

Expected<std::string> run(const Export& command, Session& session) {
    const bool to_stream = command.destination == "-";
    if (to_stream && ::isatty(STDOUT_FILENO) == 1)
        return fail(ErrorKind::medkit, "an archive is not written to a terminal", {"redirect the output"});
    std::optional<medkit::SecretKey> key;
    if (command.key) {
        auto read = TRY(read_secret_key(*command.key));
        key = std::move(read);
    }
    auto configuration = TRY(session.configuration());
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto rules = TRY(export_rules(session.system_root(top), configuration.encryption_password));
    if (key) rules.key = &*key;
    if (command.force) rules.existing = Existing::replace;
    std::optional<Interruption> interruption;
    auto source = TRY(find_export_source(command, top, session, interruption));
    auto exported = TRY(write_export(command, source, rules));
    print_left_out(source, exported, session);
    if (to_stream) return std::string();
    session.print("exported, " + to_text(exported.packed));
    std::vector<std::string> files;
    auto text = message_about(command, exported);
    for (const auto& file : exported.files) {
        files.push_back(file.native());
        text += file.native() + "\n";
    }
    return session.json() ? json_of({{"files", std::move(files)}}) : text;
}

Expected<std::string> run(const Import& command, Session& session) {
    auto configuration = TRY(session.configuration());
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto rules = source_rules(command.keys, configuration.encryption_password, command.force);
    rules.unverified = backup::UnverifiedFile::accept_export;
    auto source = TRY(verified(command.file, rules, top));
    print_warnings(source, session);
    console::TerminalBar bar("import");
    Change change(session, top);
    auto snapshot = TRY(backup::import_snapshot(source, [&] { return change.begin(); }, bar.bytes()));
    if (session.json()) return snapshot_json(snapshot);
    return "Snapshot imported as number " + to_text(snapshot.number) + "\n";
}

Expected<std::string> run(const ImportFactory& command, Session& session) {
    auto configuration = TRY(session.configuration());
    auto rules = source_rules(command.keys, configuration.encryption_password, command.force);
    rules.unverified = backup::UnverifiedFile::accept;
    return install_as_factory(command.source, update::Companions::any_checksum, rules, session);
}

Expected<std::string> run(const UpdateFactory& command, Session& session) {
    return install_as_factory(command.source, update::Companions::signature,
                              source_rules(command.keys, {}, false), session);
}

}  // namespace mox::cli::schnapps
