#include "cli/schnapps/command_line.hpp"

#include <algorithm>
#include <array>

#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/remote_commands.hpp"
#include "cli/version.hpp"

namespace mox::cli::schnapps {

namespace {

constexpr auto default_keys = "/etc/mox-rescue/keys";

constexpr auto footer =
    "N is the number of a snapshot. A and B are numbers, `factory`, or `@` for the current system.\n"
    "Exit status: 0 done, 1 network, 2 the medkit is not usable, 3 card, 4 snapshots, 5 internal, 64 wrong\n"
    "command line. Results go to standard output, messages to standard error. See schnapps(1).";

constexpr std::array common_options{
    OptionEntry{.names = "-d,--root",
                .value = "ROOT",
                .help = "work on the file system of this directory or block device"},
    OptionEntry{.names = "--json", .help = "print the result as JSON"},
};

/// All commands, in the order of the help.
const std::vector<const Entry*>& all_entries() {
    static const auto entries = [] {
        std::vector<const Entry*> all{
            &create_command,  &modify_command, &delete_command,   &cleanup_command,
            &list_command,    &cmp_command,    &diff_command,     &mount_command,
            &unmount_command, &quota_command,  &rollback_command, &savepoint_command,
            &commit_command,  &export_command, &import_command,   &update_factory_command};
        const auto& remote = remote_entries();
        all.insert(all.end(), remote.begin(), remote.end());
        all.insert(all.end(), {&factory_version_command, &version_command});
        return all;
    }();
    return entries;
}

Expected<Command> make_version(const Parsed&) {
    return ShowText{version_line("schnapps")};
}

}  // namespace

const Entry version_command{{.name = "version", .help = "show name and version"}, &make_version};

ProgramEntry program_table() {
    ProgramEntry program{.name = "schnapps",
                         .help = "Snapshots of the system: make them, list them, go back to them.",
                         .footer = footer,
                         .options = common_options};
    for (const auto* entry : all_entries()) program.commands.push_back(entry->line);
    return program;
}

std::variant<Request, int> read_command_line(int argc, const char* const* argv) {
    const auto program = program_table();
    const auto read = parse(program, argc, argv);
    if (const auto* early_exit = std::get_if<EarlyExit>(&read)) return show(*early_exit);
    const auto& parsed = std::get<Parsed>(read);
    if (parsed.command == nullptr) return show(usage_error(program, nullptr, "a command is missing"));
    const auto& entries = all_entries();
    const auto position = parsed.command - program.commands.data();
    auto command = entries.at(static_cast<std::size_t>(position))->make(parsed);
    if (!command) return show(usage_error(program, parsed.command, command.error().describe()));
    Request request{.options = {}, .command = *std::move(command)};
    if (const auto place = parsed.value("--root"); place && !place->empty()) request.options.place = *place;
    request.options.json = parsed.has("--json");
    return request;
}

Expected<snapshots::Number> number_in(const std::string& word) {
    if (const auto number = snapshots::number_named(word)) return *number;
    return wrong_usage("\"" + word + "\" is not the number of a snapshot");
}

Expected<snapshots::Target> target_in(const std::string& word) {
    if (const auto target = snapshots::target_named(word)) return *target;
    return wrong_usage("\"" + word + "\" is neither the number of a snapshot nor factory");
}

Expected<snapshots::SnapshotType> type_in(const std::string& word) {
    if (const auto type = snapshots::type_named(word)) return *type;
    std::string known;
    std::vector<std::string_view> names;
    for (const auto type : snapshots::all_types()) {
        names.push_back(name_of(type));
        known += (known.empty() ? "" : ", ") + std::string(name_of(type));
    }
    return wrong_usage("\"" + word + "\" is not a type of snapshots; there are " + known +
                       did_you_mean(word, names));
}

std::filesystem::path keys_of(const Parsed& parsed) {
    return parsed.value("--keys").value_or(default_keys);
}

std::string snapshots_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " snapshot" : " snapshots");
}

}  // namespace mox::cli::schnapps
