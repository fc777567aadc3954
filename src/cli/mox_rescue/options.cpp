#include "cli/mox_rescue/options.hpp"

#include <CLI/CLI.hpp>
#include <map>

#include "cli/version.hpp"

namespace mox::cli {

namespace {

constexpr auto description =
    "The rescue system of the Turris MOX. `mox-rescue run MODE` runs one mode from a shell. Without a\n"
    "subcommand, in the router's rescue system only, it announces the modes on the LED, and the button "
    "chooses.";

constexpr auto footer =
    "Modes: 1 reboot, 2 rollback, 3 factory-reset, 4 reflash, 5 ssh, 6 internet, 7 shell.\n"
    "Exit status: 0 done, 1 network, 2 no valid medkit, 3 card, 4 snapshots, 5 internal, 64 wrong command "
    "line.\n"
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

/// The parser and the values that it fills.
struct Parser {
    CLI::App app{description, "mox-rescue"};
    CLI::App* run = nullptr;
    CLI::App* nor_update = nullptr;
    RescueOptions options{.action = {}, .keys = default_keys, .boot_environment = {}};
    RescueSession session;
    RunMode mode;
    std::string mode_name;
    CLI::App* mount = nullptr;
    MountCard mounted;
    NorUpdate update;
};

void add_common_options(Parser& parser) {
    auto& app = parser.app;
    app.footer(footer);
    app.fallthrough();
    app.set_version_flag("--version", std::string(version));
    app.add_option("--keys", parser.options.keys, "directory of trusted public keys, named by key number")
        ->capture_default_str();
    app.add_option("--boot-environment", parser.options.boot_environment,
                   "fw_env.config with the location of U-Boot's environment");
    app.add_flag("--require-signature", parser.options.signature_required, "accept signed medkits only");
    app.add_option("--port", parser.options.port,
                   "network interface of modes 5 and 6, which take it over; on a PC needed for mode 5, while "
                   "mode 6\nuses the PC's own connection without it")
        ->type_name("INTERFACE");
    app.add_flag("--dont-reboot", parser.session.dont_reboot, "stay when the mode is done");
    app.add_option("--heartbeat", parser.session.heartbeat,
                   "open descriptor to write a byte to every second, while the program works")
        ->type_name("FD");
}

void add_run(Parser& parser) {
    auto& mode = parser.mode;
    parser.run = parser.app.add_subcommand("run", "run one mode from a shell, without LED and button");
    auto& run = *parser.run;
    run.add_option("MODE", parser.mode_name, "number or name of the mode")->required();
    run.add_option("--card", mode.card, "block device to use as the router's card")->type_name("DEVICE");
    run.add_option("--drive", mode.drives, "block device to search for medkits; may be repeated")
        ->type_name("DEVICE");
    run.add_option("--variant", mode.variant, "part of the medkit's name, such as -contract-X");
    run.add_flag("--dry-run", mode.dry_run, "check everything, print what would be done, write nothing");
    run.add_flag("--yes", mode.confirmed, "do not ask before the card is erased");
    run.add_flag("--json", mode.json, "print the result as JSON to standard output");
}

void add_mount(Parser& parser) {
    parser.mount = parser.app.add_subcommand("mount", "mount the card's system, to repair it by hand");
    auto& mount = *parser.mount;
    mount.add_option("FOLDER", parser.mounted.directory, "where to")->capture_default_str();
    mount.add_option("--card", parser.mounted.card, "block device to use as the router's card")
        ->type_name("DEVICE");
}

void add_nor_update(Parser& parser) {
    parser.nor_update = parser.app.add_subcommand(
        "nor-update", "write a signed rescue image into the flash, if it is another one");
    parser.nor_update->add_option("FILE", parser.update.file, "the image; FILE.sig is its signature")
        ->required();
}

}  // namespace

bool may_start_selection(const RescueSession& session, bool is_known_board, bool is_rescue_system) {
    return session.heartbeat.has_value() || (is_known_board && is_rescue_system);
}

std::variant<RescueOptions, int> read_options(int argc, const char* const* argv) {
    Parser parser;
    add_common_options(parser);
    add_run(parser);
    add_mount(parser);
    add_nor_update(parser);
    try {
        parser.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return parser.app.exit(error) == 0 ? 0 : exit_usage;
    }
    if (parser.mount->parsed()) {
        parser.options.action = parser.mounted;
        return parser.options;
    }
    if (parser.nor_update->parsed()) {
        parser.options.action = parser.update;
        return parser.options;
    }
    if (!parser.run->parsed()) {
        parser.options.action = parser.session;
        return parser.options;
    }
    const auto names = mode_names();
    const auto found = names.find(parser.mode_name);
    if (found == names.end()) {
        static_cast<void>(std::fprintf(
            stderr, "mox-rescue: there is no mode %s; use 1 to 7 or a name (mox-rescue --help)\n",
            parser.mode_name.c_str()));
        return exit_usage;
    }
    parser.mode.mode = found->second;
    parser.options.action = parser.mode;
    return parser.options;
}

}  // namespace mox::cli
