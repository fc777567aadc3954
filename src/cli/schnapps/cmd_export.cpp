// `schnapps export`.

#include <unistd.h>

#include <array>
#include <optional>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/interruption.hpp"
#include "cli/compression_option.hpp"
#include "cli/schnapps/archive_input.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/export_source.hpp"
#include "cli/schnapps/json.hpp"
#include "console/console_progress.hpp"
#include "medkit/secret_key.hpp"

namespace mox::cli::schnapps {

namespace {

/// "Snapshot 3 was exported into /mnt as mox-medkit-turris-3.tar.gz", which scripts match.
std::string message_about(const Export& command, const backup::Exported& exported) {
    return (command.number ? "Snapshot " + to_text(*command.number) : std::string("Current system")) +
           " was exported into " + command.destination + " as " + exported.files.front().filename().native() +
           "\n";
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
    auto source = TRY(find_export_source(command.number, top, session, interruption));
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
