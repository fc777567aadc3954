#include "cli/mox_rescue/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "cli/command_parser.hpp"

namespace mox::cli {

namespace {

constexpr auto description =
    "The rescue system of the Turris MOX. `mox-rescue run MODE` runs one mode from a shell. Without a\n"
    "subcommand, in the router's rescue system only, it announces the modes on the LED, and the button "
    "chooses.";

constexpr auto footer =
    "Modes: 1 reboot, 2 rollback, 3 factory-reset, 4 reflash, 5 ssh, 6 internet, 7 shell.\n"
    "Exit status: 0 done, 1 network, 2 no valid medkit, 3 card, 4 snapshots, 5 internal, 64 wrong command "
    "line,\n77 not confirmed. "
    "The first five are also what the LED blinks. See mox-rescue(8).";

constexpr auto default_keys = "/etc/mox-rescue/keys";

std::map<std::string, boot::Mode> mode_names() {
    using boot::Mode;
    std::map<std::string, Mode> names{
        {"reboot", Mode::reboot},
        {"rollback", Mode::rollback},
        {"factory-reset", Mode::factory_reset},
        {"reflash", Mode::reflash_from_drive},
        {"ssh", Mode::unsecured_ssh},
        {"internet", Mode::flash_from_internet},
        {"shell", Mode::rescue_shell},
    };
    for (int number = 1; number <= boot::mode_count; ++number)
        names.emplace(std::to_string(number), static_cast<Mode>(number));
    return names;
}

constexpr std::array common_options{
    OptionEntry{.names = "--keys",
                .value = "DIRECTORY",
                .help = "directory of trusted public keys (*.pub), by default /etc/mox-rescue/keys"},
    OptionEntry{.names = "--boot-environment",
                .value = "FILE",
                .help = "fw_env.config with the location of U-Boot's environment; by default none on a PC"},
    OptionEntry{.names = "--require-signature", .help = "accept signed medkits only"},
    OptionEntry{.names = "--port",
                .value = "INTERFACE",
                .help = "network interface of modes 5 and 6, which take it over (on a PC: mox-rescue(8))"},
    OptionEntry{.names = "--dont-reboot", .help = "stay when the mode is done"},
    OptionEntry{.names = "--heartbeat",
                .value = "FD",
                .help = "open descriptor to write a byte to every second, while the program works"},
};

constexpr OptionEntry card_option{
    .names = "--card", .value = "DEVICE", .help = "block device to use as the router's card"};

constexpr std::array run_options{
    card_option,
    OptionEntry{.names = "--drive",
                .value = "DEVICE",
                .help = "mode 4: block device to search for medkits; may be repeated",
                .may_repeat = true},
    OptionEntry{.names = "--medkit",
                .value = "FILE|DIRECTORY",
                .help = "mode 4: install this medkit, or the best one in this directory; may be repeated",
                .may_repeat = true},
    OptionEntry{
        .names = "--variant", .value = "VARIANT", .help = "part of the medkit's name, such as -contract-X"},
    OptionEntry{.names = "--board",
                .value = "FILE",
                .help = "on a PC: board file of the router that the card is for, by default a Turris MOX"},
    OptionEntry{.names = "--dry-run", .help = "check everything, print what would be done, write nothing"},
    OptionEntry{.names = "--yes", .help = "do not ask before the card is erased"},
    OptionEntry{.names = "--json", .help = "print the result as JSON to standard output"},
};

constexpr std::array mount_options{card_option};

using Action = decltype(RescueOptions::action);

Expected<Action> make_session(const Parsed& parsed) {
    RescueSession session{.dont_reboot = parsed.has("--dont-reboot"), .heartbeat = {}};
    if (const auto text = parsed.value("--heartbeat")) {
        int descriptor = 0;
        const auto* const end = text->data() + text->size();
        const auto read = std::from_chars(text->data(), end, descriptor);
        if (read.ec != std::errc() || read.ptr != end || descriptor < 0)
            return wrong_usage("--heartbeat " + *text + ": the number of a descriptor is meant");
        session.heartbeat = descriptor;
    }
    return session;
}

Expected<Action> make_run(const Parsed& parsed) {
    const auto& name = parsed.words.front();
    const auto names = mode_names();
    const auto found = names.find(name);
    if (found == names.end()) {
        std::vector<std::string_view> known;
        known.reserve(names.size());
        for (const auto& [text, mode] : names) known.emplace_back(text);
        return wrong_usage("there is no mode " + name + "; use 1 to 7 or a name" + did_you_mean(name, known));
    }
    RunMode run{.mode = found->second,
                .dry_run = parsed.has("--dry-run"),
                .confirmed = parsed.has("--yes"),
                .json = parsed.has("--json"),
                .card = parsed.path("--card"),
                .drives = {},
                .medkits = {},
                .variant = parsed.value("--variant"),
                .board = parsed.path("--board")};
    for (const auto& drive : parsed.values("--drive")) run.drives.emplace_back(drive);
    for (const auto& medkit : parsed.values("--medkit")) {
        auto path = TRY(path_in(medkit, "file"));
        if (path.empty()) return wrong_usage("--medkit needs a file or a directory");
        run.medkits.emplace_back(std::move(path));
    }
    if (!run.medkits.empty() && run.mode != boot::Mode::reflash_from_drive)
        return wrong_usage("--medkit is for mode 4 (reflash) only, not for mode " + name);
    return run;
}

Expected<Action> make_mount(const Parsed& parsed) {
    MountCard mount;
    if (!parsed.words.empty()) mount.directory = TRY(path_in(parsed.words.front(), "directory"));
    mount.card = parsed.path("--card");
    return mount;
}

Expected<Action> make_nor_update(const Parsed& parsed) {
    const auto file = TRY(path_in(parsed.words.front(), "file"));
    return NorUpdate{.file = file};
}

Expected<Action> make_board(const Parsed& parsed) {
    ShowBoard show;
    if (!parsed.words.empty()) show.file = TRY(path_in(parsed.words.front(), "file"));
    return show;
}

struct Entry {
    CommandEntry line;
    Expected<Action> (*make)(const Parsed& parsed) = nullptr;
};

const std::array<Entry, 4> all_entries{{
    {{.name = "run",
      .words = "MODE",
      .help = "run one mode from a shell, without LED and button",
      .options = run_options},
     &make_run},
    {{.name = "mount",
      .words = "[DIRECTORY]",
      .help = "mount the card's system (on /mnt/card), to repair it by hand",
      .options = mount_options},
     &make_mount},
    {{.name = "nor-update",
      .words = "FILE",
      .help = "write a signed rescue image into the flash, if it is another one; FILE.sig is its signature"},
     &make_nor_update},
    {{.name = "board",
      .words = "[FILE]",
      .help = "print the description of this board, or check a board file and print what it says"},
     &make_board},
}};

Expected<Action> make_action(const Parsed& parsed) {
    if (parsed.command == nullptr) return make_session(parsed);
    const auto* const entry =
        std::ranges::find(all_entries, parsed.command->name, [](const Entry& one) { return one.line.name; });
    return entry->make(parsed);
}

}  // namespace

bool may_start_selection(const RescueSession& session, bool is_known_board, bool is_rescue_system) {
    return session.heartbeat.has_value() || (is_known_board && is_rescue_system);
}

ProgramEntry mox_rescue_table() {
    ProgramEntry program{
        .name = "mox-rescue", .help = description, .footer = footer, .options = common_options};
    for (const auto& entry : all_entries) program.commands.push_back(entry.line);
    return program;
}

std::variant<RescueOptions, int> read_options(int argc, const char* const* argv) {
    const auto program = mox_rescue_table();
    const auto read = parse(program, argc, argv);
    if (const auto* early_exit = std::get_if<EarlyExit>(&read)) return show(*early_exit);
    const auto& parsed = std::get<Parsed>(read);
    auto action = make_action(parsed);
    if (!action) return show(usage_error(program, parsed.command, action.error().describe()));
    return RescueOptions{.action = *std::move(action),
                         .keys = parsed.value("--keys").value_or(default_keys),
                         .boot_environment = parsed.path("--boot-environment"),
                         .signature_required = parsed.has("--require-signature"),
                         .port = parsed.value("--port")};
}

}  // namespace mox::cli
