// `schnapps export`.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "backup/exclude_list.hpp"
#include "backup/export_medkit.hpp"
#include "backup/work_subvolume.hpp"
#include "base/atomic_file.hpp"
#include "base/interruption.hpp"
#include "board/this_board.hpp"
#include "cli/compression_option.hpp"
#include "cli/schnapps/archive_input.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "console/console_progress.hpp"
#include "medkit/pack.hpp"
#include "medkit/secret_key.hpp"
#include "snapshots/deletion.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/stored_info.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;
using snapshots::TopLevel;

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
Expected<std::string> board_of(int tree, const Session& session) {
    if (!session.options().place) {
        if (const auto board = TRY(board::this_board("/"))) return board->medkit_prefix;
        const auto compatible = text_below(AT_FDCWD, "/proc/device-tree/compatible");
        if (compatible) return backup::board_prefix(*compatible);
    }
    const auto mox = board::turris_mox();
    return holds_all(tree, mox.boot_files) ? mox.medkit_prefix : backup::board_prefix("");
}

/// Makes the copy to export. Signals can stop the export from here on (`interruption`); the copy is deleted
/// with the source.
Expected<ExportSource> find_export_source(const Export& command, const TopLevel& top, const Session& session,
                                          std::optional<Interruption>& interruption) {
    auto writer = TRY(session.begin(top));
    interruption.emplace(DuringCommit::deferred);
    if (command.number)
        TRY(snapshots::require_usable(top, *command.number));
    else
        TRY(session.require_current(top));
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
    const auto board = TRY(board_of(copy.root(), session));
    auto name =
        backup::export_name(board, hostname(), command.number ? to_text(*command.number) : date_now());
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
    for (const auto& refusal : medkit::describe_refusals(exported.missing))
        session.print("warning: " + refusal);
    if (!exported.missing.empty())
        session.print(
            "hint: schnapps import takes it; for mode 4 export a system that holds these files, and leave "
            "none "
            "of them out in /etc/schnapps/export-exclude.d");
}

Expected<backup::Exported> write_export(const Export& command, const ExportSource& source,
                                        const backup::ExportRules& rules) {
    console::TerminalBar bar("export");
    if (command.destination == "-")
        return backup::export_to_stream(source.tree.root(), STDOUT_FILENO, rules, bar.bytes());
    return backup::export_to_directory(source.tree.root(), command.destination, source.name, source.info,
                                       rules, bar.bytes());
}

constexpr std::array options{
    OptionEntry{.names = "-c,--current",
                .help = "the current state; this is also the default without a number"},
    OptionEntry{.names = "-f,--force", .help = "replace a backup of the same name"},
    OptionEntry{.names = "--sign", .value = "KEY", .help = "secret key to sign with"},
    level_option,
};

/// "[N] DIRECTORY", or "current DIRECTORY" as on routers in the field.
Expected<Command> make(const Parsed& parsed) {
    auto words = parsed.words;
    bool current = parsed.has("--current");
    if (words.size() == 2 && words.front() == "current") {
        words.erase(words.begin());
        current = true;
    }
    auto destination = TRY(path_in(words.back(), "directory"));
    const auto level = TRY(compression_level_in(parsed));
    Export command{.number = {},
                   .destination = std::move(destination),
                   .key = {},
                   .force = parsed.has("--force"),
                   .level = level};
    if (const auto key = parsed.value("--sign")) command.key = *key;
    if (words.size() == 2) command.number = TRY(number_in(words.front()));
    if (current && command.number) return wrong_usage("either a number or -c, not both");
    if (command.key && command.destination == "-")
        return wrong_usage("a signature needs a directory as the destination");
    return command;
}

}  // namespace

const Entry export_command{
    {.name = "export",
     .words = "[N] DIRECTORY|-",
     .help = "write a snapshot as a medkit into a directory, or to standard output (-)",
     .options = options},
    &make};

Expected<std::string> run(const Export& command, Session& session) {
    const bool to_stream = command.destination == "-";
    if (to_stream && ::isatty(STDOUT_FILENO) == 1)
        return fail(ErrorKind::medkit, "an archive is not written to a terminal", {"redirect the output"});
    std::optional<medkit::SecretKey> key;
    if (command.key) {
        auto read = TRY(medkit::read_secret_key(*command.key));
        key = std::move(read);
    }
    auto configuration = TRY(session.configuration());
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto rules = TRY(export_rules(session.system_root(top), configuration.encryption_password));
    rules.wanted_files = TRY(boot_files());
    if (key) rules.key = &*key;
    if (command.force) rules.existing = Existing::replace;
    rules.level = command.level;
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
    if (!session.json()) return text;
    return json_of(
        {{"files", std::move(files)}, {"missing_boot_files", medkit::first_names(exported.missing)}});
}

}  // namespace mox::cli::schnapps
